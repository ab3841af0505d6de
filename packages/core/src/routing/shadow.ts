import type { Attributes, Priority } from '../call/attributes.ts'
import type { Call } from '../call/call.ts'
import type { Outcome, Reply } from '../call/outcome.ts'
import type { Step } from '../call/policy.ts'
import { inScope } from '../call/scope.ts'
import { wholeOf } from './judge.ts'
import type { Ladder } from './ladder.ts'
import { SHADOW } from './shadow-config.ts'
import { Walk } from './walk.ts'
import type { WalkOptions } from './walk.ts'

/** Under way at once: each holds its request, and a target that hangs must not gather them. */
const MOST = 8
/** A target that has no room so soon has better to do. */
const WAIT_MS = 5_000
/** Nobody looks at the clock for them. */
const LONGEST_MS = 60_000

export interface ShadowsOptions extends WalkOptions {
  /** Begins a call like this one that nobody waits for, with a record of its own; or does not, at the end of a process. */
  readonly inBackground: <T>(call: Call<T>, step: Step) => void
  /** Sends it, once: nobody needs it so much that it were tried again. */
  readonly send: Step
}

/**
 * Asks another target what its first choice has answered, once that is over and off everybody's way: of the lowest
 * priority, on nobody's account, for a sample, a few at a time.
 */
export class Shadows {
  readonly #options: ShadowsOptions
  #underWay = 0

  constructor(options: ShadowsOptions) {
    this.#options = options
  }

  /** Returns at once. */
  follow<T>(call: Call<T>, reply: Reply<T>, ladder: Ladder): void {
    const { shadow } = ladder
    if (shadow === undefined || reply.target === shadow.target || call.attributes.tenant === SHADOW) return
    if (call.offered !== undefined && !call.offered.includes(shadow.target)) return
    // Where the first choice is in trouble a second request is the last thing that is needed.
    if (reply.marks.degraded !== undefined || reply.marks.fallback === true) return
    if (this.#options.clock.random() >= shadow.share) return
    void reply.end.then(({ how }) => {
      if (how === 'finished') this.#begin(call, shadow.target, ladder)
    })
  }

  #begin<T>(call: Call<T>, target: string, ladder: Ladder): void {
    if (this.#underWay >= MOST) return
    const { routes, inBackground } = this.#options
    const moved = { ...call, target, named: true }
    const attributes = nobodys(call.state.prepared?.attributes ?? call.attributes)
    const priority: Priority = 'low'
    const state = { ...call.state, prepared: { attributes, priority } }
    const shadowOf = call.id
    const own = { ...moved, attributes: nobodys(call.attributes), state, shadowOf }
    inBackground({ ...own, inputTokens: routes.counter(moved) }, async <S>(shadow: Call<S>) => {
      this.#underWay++
      try {
        return await this.#asked(shadow, ladder)
      } finally {
        this.#underWay--
      }
    })
  }

  async #asked<T>(call: Call<T>, ladder: Ladder): Promise<Outcome<T>> {
    const { clock, send } = this.#options
    const controller = new AbortController()
    const cancel = clock.timer(LONGEST_MS, () => controller.abort(new Error('It took too long.')))
    const timed = { ...call, signal: controller.signal }
    const walk = new Walk(timed, alone(ladder, call.target), send, this.#options)
    try {
      // What its function calls inside is on nobody's account either.
      const outcome = await inScope({ attributes: NOBODY, signal: undefined }, () =>
        walk.run([call.target], undefined),
      )
      // A stream that nobody reads tells nothing.
      if (outcome.kind === 'ok') await wholeOf(timed, outcome.reply)
      return outcome
    } finally {
      cancel()
    }
  }
}

/** The same diet, length and `validate`, and one target. */
function alone(ladder: Ladder, target: string): Ladder {
  const none = { stronger: [], rungs: [], high: false, partial: false, shadow: undefined }
  return { ...ladder, ...none, targets: [target], strategy: 'order', maxWaitMs: WAIT_MS }
}

/** Without them it would be charged with those who have no tenant, no feature. */
const NOBODY: Attributes = {
  tenant: SHADOW,
  user: SHADOW,
  feature: SHADOW,
  workflow: SHADOW,
  priority: 'low',
}

function nobodys({ run: _run, step: _step, plan: _plan, ...attributes }: Attributes): Attributes {
  return { ...attributes, ...NOBODY }
}
