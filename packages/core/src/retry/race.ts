import type { Call } from '../call/call.ts'
import type { Outcome } from '../call/outcome.ts'
import type { Next } from '../call/policy.ts'

interface Runner<T> {
  readonly controller: AbortController
  readonly unlink: () => void
  readonly outcome: Promise<Outcome<T>>
  readonly isFirst: boolean
}

/** One call run more than once at the same time. The first good answer wins; the others are aborted, and paid for. */
export class Race<T> {
  readonly outcome: Promise<Outcome<T>>
  readonly #call: Call<T>
  readonly #next: Next<T>
  readonly #runners = new Set<Runner<T>>()
  readonly #resolve: (outcome: Outcome<T> | PromiseLike<Outcome<T>>) => void
  readonly #reject: (reason: unknown) => void
  #running = 0
  #isOver = false
  /** What there is to say when none was answered: what a provider said last, or else why the first was refused. */
  #worst: Outcome<T> | undefined

  constructor(call: Call<T>, next: Next<T>) {
    this.#call = call
    this.#next = next
    const { promise, resolve, reject } = Promise.withResolvers<Outcome<T>>()
    this.outcome = promise
    this.#resolve = resolve
    this.#reject = reject
  }

  /** Each has a signal of its own, which aborts with the caller's. */
  start(change: Pick<Partial<Call<T>>, 'deadline' | 'onSent'>): void {
    if (this.#isOver) return
    const controller = new AbortController()
    const { signal } = this.#call
    const abort = (): void => controller.abort(signal?.reason)
    if (signal?.aborted === true) abort()
    signal?.addEventListener('abort', abort, { once: true })
    const unlink = (): void => signal?.removeEventListener('abort', abort)
    this.#running++
    const outcome = this.#next({ ...this.#call, ...change, signal: controller.signal })
    const runner: Runner<T> = { controller, unlink, outcome, isFirst: this.#runners.size === 0 }
    this.#runners.add(runner)
    outcome.then(
      (came) => this.#came(runner, came),
      // A toolkit that cannot read its own request: that is no matter of which was faster.
      (error: unknown) => {
        unlink()
        this.#running--
        this.#isOver = true
        for (const other of this.#runners) void this.#pay(other)
        this.#reject(error)
      },
    )
  }

  #came(runner: Runner<T>, outcome: Outcome<T>): void {
    this.#running--
    if (this.#isOver) return
    if (outcome.kind === 'ok') {
      this.#isOver = true
      // Its signal must go on aborting with the caller's for as long as it answers.
      void outcome.reply.end.then(runner.unlink)
      this.#resolve(this.#withoutOthers(runner, outcome))
      return
    }
    runner.unlink()
    if (outcome.kind === 'failed' || outcome.kind === 'aborted') this.#worst = outcome
    else if (this.#worst?.kind !== 'failed' && (runner.isFirst || this.#worst === undefined))
      this.#worst = outcome
    // A signal of its own aborts only with the caller's, as long as nobody has won.
    if (this.#running > 0 && outcome.kind !== 'aborted') return
    this.#isOver = true
    this.#resolve(this.#worst!)
  }

  /** What the others have cost is known before the call is over: they are waited for, and leave at once. */
  async #withoutOthers(winner: Runner<T>, outcome: Outcome<T>): Promise<Outcome<T>> {
    const others = [...this.#runners].filter((runner) => runner !== winner)
    await Promise.all(others.map((runner) => this.#pay(runner)))
    return outcome
  }

  async #pay({ controller, unlink, outcome }: Runner<T>): Promise<void> {
    controller.abort(new DOMException('Another request of this call was answered first.', 'AbortError'))
    unlink()
    try {
      const came = await outcome
      // One that was aborted before it answered has been paid for where it was sent.
      if (came.kind !== 'ok') return
      const { usage, costUsd } = await came.reply.end
      this.#call.state.lost.push({ usage, costUsd })
    } catch {
      // A toolkit that cannot read its own request: it was not sent.
    }
  }
}
