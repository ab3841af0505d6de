import type { DrainOptions } from './api.ts'
import type { Admission } from './budget/admission.ts'
import { currentScope } from './call/scope.ts'
import { Quiet } from './quiet.ts'
import type { Clock } from './time/clock.ts'

/** What has begun and not ended, and whether anything more may begin. */
export class Lifecycle {
  readonly #quiet: Quiet
  /** Calls and runs: those in the queue and in flight, and whatever is between. */
  #begun = 0
  #draining = false

  constructor(admission: () => Pick<Admission, 'waiting' | 'open'>) {
    this.#quiet = new Quiet(() => this.#begun === 0 && admission().waiting === 0 && admission().open === 0)
  }

  readonly began = (): void => {
    this.#begun++
  }

  readonly ended = (): void => {
    this.#begun--
    this.#quiet.check()
  }

  /** Something else has ended: a reservation, a wait. */
  readonly check = (): void => this.#quiet.check()

  get draining(): boolean {
    return this.#draining
  }

  /** Whether what begins now is turned away, because it does not belong to anything that has begun. */
  get turnsAway(): boolean {
    if (!this.#draining) return false
    const { run, reservation } = currentScope()
    return run === undefined && reservation === undefined
  }

  /** Lets nothing more begin. Resolves when all that has begun is over, or nobody wants to wait any longer. */
  async drain({ timeoutMs, signal }: DrainOptions, clock: Clock): Promise<void> {
    this.#draining = true
    const { quiet, giveUp } = this.#quiet.come()
    const cancel = timeoutMs === undefined ? undefined : clock.timer(timeoutMs, giveUp)
    if (signal?.aborted === true) giveUp()
    signal?.addEventListener('abort', giveUp, { once: true })
    await quiet
    cancel?.()
    signal?.removeEventListener('abort', giveUp)
  }
}
