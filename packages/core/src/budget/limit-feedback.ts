import type { ProviderFailure } from '../providers/profile.ts'
import type { Clock } from '../time/clock.ts'
import type { Announcer } from './announcer.ts'
import type { ChargeLine } from './charges.ts'
import { fromHeaders, fromRateLimit, resize } from './feedback.ts'
import type { Learnt } from './learner.ts'
import type { Sender } from './sender.ts'
import type { Target } from './target.ts'

export interface LimitFeedbackOptions {
  readonly clock: Clock
  readonly now: () => number
  readonly sender: Sender
  readonly announce: Announcer
}

/** Takes what providers say of their limits to the store: in headers, and by turning calls back. */
export class LimitFeedback {
  readonly #options: LimitFeedbackOptions

  constructor(options: LimitFeedbackOptions) {
    this.#options = options
  }

  /** A call was answered, perhaps with headers. `sentAt`: when its request left. */
  answered(target: Target, headers: Readonly<Record<string, string>> | undefined, sentAt: number): void {
    target.turnedBack = 0
    if (target.learner !== undefined) this.#learn(target, target.learner.answered(target.open))
    if (headers !== undefined) this.observe(target, headers, sentAt)
    // That an answer says nothing of limits is something to learn, too.
    else if (target.learner !== undefined) this.#learn(target, target.learner.told([]))
    // What was in doubt about this call is cleared up.
    if (target.pool.room.size > 0) target.pool.changed(this.#options.now())
  }

  /** What the headers of an answer, or of an error, say of the limits. */
  observe(target: Target, headers: Readonly<Record<string, string>>, sentAt: number): void {
    const { now, sender } = this.#options
    const at = now()
    const { observations } = target.profile.headers(headers, at)
    if (target.learner !== undefined) this.#learn(target, target.learner.told(observations))
    for (const op of fromHeaders(target, observations, at - sentAt)) sender.once(op, now())
  }

  /** A provider's limit was met: everyone behind it waits. */
  rateLimited(target: Target, failure: ProviderFailure, sentAt: number): void {
    const { clock, now, sender, announce } = this.#options
    const at = now()
    const op = fromRateLimit(target, failure, clock.random())
    // Calls that were under way together are turned back together: that is once.
    if (sentAt > target.pausedAt) {
      target.turnedBack++
      target.pausedAt = at
      const { learner, open } = target
      if (learner !== undefined)
        this.#learn(target, failure.ramp === true ? learner.slowedDown(open) : learner.rateLimited())
    }
    sender.once(op, now())
    announce.paused(target.id, op.forMs)
  }

  /** These limits are so large now; what is in use or owed stays so. */
  resize(lines: readonly ChargeLine[]): void {
    const { now, sender } = this.#options
    for (const { bucket } of lines) sender.surely({ type: 'resize', bucket }, now())
  }

  #learn(target: Target, learnt: readonly Learnt[]): void {
    if (learnt.length === 0) return
    const { now: time, sender, announce } = this.#options
    const now = time()
    for (const each of learnt) {
      sender.once(resize(each), now)
      announce.learnt(target.id, each.line.unit, each.capacity)
    }
    target.replan()
    target.pool.changed(now)
  }
}
