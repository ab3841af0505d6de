import type { HeldReservation } from '../../src/budget/reservation.ts'
import type { BudgetEntry } from '../../src/budget/budget-config.ts'
import type { LimitEntry } from '../../src/budget/limits.ts'
import type { Target } from '../../src/budget/target.ts'
import type { Waiter } from '../../src/budget/waiter.ts'
import { MemoryStore } from '../../src/store/memory-store.ts'
import type { Op, Store } from '../../src/store/port.ts'
import { seededRandom } from '../../src/time/random.ts'
import { virtualClock } from '../../src/time/virtual-clock.ts'
import { delayedStore } from '../../src/testing/delayed-store.ts'
import { core } from '../support/core.ts'
import { Oracle } from './oracle.ts'

/** In one stretch of time: more is a queue that wakes itself without end. */
const MOST_TIMERS = 20_000

export type Event =
  | {
      kind: 'call'
      target: number
      tenant: number
      rank: number
      input: number
      output: number
      run?: number
      within?: number
      nested?: boolean
    }
  | { kind: 'advance'; ms: number }
  | { kind: 'arrive' | 'acknowledge' | 'cancel' | 'release' | 'settle-again' | 'abort'; which: number }
  | { kind: 'settle'; which: number; used: number; known: boolean }
  | { kind: 'rate-limit'; which: number; retryAfterMs?: number }
  | { kind: 'headers'; left: number }
  | { kind: 'replan' }
  | { kind: 'step'; ms: number }

export interface WorldOptions {
  limits: readonly LimitEntry[]
  /** Limits of the second target alone, beside the pool's. */
  own: readonly LimitEntry[]
  tenantBudget: readonly BudgetEntry[]
  /** Round trip of the store; 0 for memory. */
  delayMs: number
  /** Of a hundred operations, how many fail. */
  failing: number
  seed: number
}

interface Sent {
  waiter: Waiter
  reservation: HeldReservation
  target: Target
  /** What the call really comes to. */
  usage: { inputTokens: number; outputTokens: number }
  arrived: boolean
  acknowledged: boolean
  released: boolean
}

/** Everything that can happen to a queue, one event after another, with what must hold checked at each. */
export class World {
  readonly clock = virtualClock()
  readonly violations: string[] = []
  readonly reached = new Map<string, number>()
  readonly memory = new MemoryStore()
  readonly #core: ReturnType<typeof core>
  readonly #targets: readonly Target[]
  readonly #oracles = new Map<string, Oracle>()
  readonly #queued = new Set<Waiter>()
  readonly #sent: Sent[] = []
  readonly #closed: Sent[] = []
  readonly #delayed: boolean
  #called = 0
  #ended = 0
  #normal = 0
  #outOfTurn = 0
  #largest = 0

  constructor(options: WorldOptions) {
    const { limits, own, tenantBudget, delayMs, failing, seed } = options
    const random = seededRandom(seed)
    this.#delayed = delayMs > 0
    const fails = (op: Op) => {
      if (op.type === 'peek' || random() * 100 >= failing) return undefined
      this.#reach(`failed ${op.type}`)
      return random() < 0.5 ? ('before' as const) : ('after' as const)
    }
    // The store's clock is stepped with ours: two that differ by more than the guard is what no guard covers.
    const store: Store = this.#delayed
      ? delayedStore({
          inner: this.memory,
          clock: { ...this.clock, now: () => this.now },
          delayMs: () => delayMs * random() * 2,
          fails,
        })
      : this.memory
    this.#core = core({
      clock: this.clock,
      store,
      pools: { pool: { limits } },
      targets: {
        'generic/a': { pool: 'pool' },
        'generic/b': { pool: 'pool', ...(own.length === 0 ? {} : { limits: own }) },
      },
      budgets: tenantBudget.length === 0 ? [] : [{ per: 'tenant', limits: tenantBudget }],
      queue: { ageMs: 3_000 },
      leaseMs: 500_000,
    })
    this.#targets = [this.#core.target('generic/a'), this.#core.target('generic/b')]
  }

  get now(): number {
    return this.#core.admission.now()
  }

  apply(event: Event): void {
    this.#reach(event.kind)
    switch (event.kind) {
      case 'call':
        return this.#call(event)
      case 'advance':
        return this.clock.advanceSync(event.ms, MOST_TIMERS)
      case 'step':
        return this.clock.step(event.ms)
      case 'arrive':
        return this.#arrive(
          pick(
            this.#sent.filter(({ arrived }) => !arrived),
            event.which,
          ),
        )
      case 'acknowledge':
        return this.#acknowledge(
          pick(
            this.#sent.filter(({ arrived }) => arrived),
            event.which,
          ),
        )
      case 'release':
        return this.#release(
          pick(
            this.#sent.filter(({ arrived }) => arrived),
            event.which,
          ),
        )
      case 'settle':
        return this.#settle(
          pick(
            this.#sent.filter(({ arrived }) => arrived),
            event.which,
          ),
          event.used,
          event.known,
        )
      case 'cancel':
        return this.#cancel(
          pick(
            this.#sent.filter(({ arrived }) => !arrived),
            event.which,
          ),
        )
      case 'settle-again':
        return this.#settleAgain(pick(this.#closed, event.which))
      case 'abort':
        return this.#abort(pick([...this.#queued], event.which))
      case 'rate-limit':
        return this.#rateLimit(
          pick(
            this.#sent.filter(({ arrived }) => !arrived),
            event.which,
          ),
          event.retryAfterMs,
        )
      case 'headers':
        return this.#headers(event.left)
      case 'replan':
        return this.#core.replan()
    }
  }

  /** Lets everything end, and says what is left of it. */
  finish(): void {
    for (let round = 0; round < 200 && (this.#queued.size > 0 || this.#sent.length > 0); round++) {
      const inFlight = [...this.#sent]
      for (const sent of inFlight) {
        this.#arrive(sent)
        this.#settle(sent, 1, true)
      }
      this.clock.advanceSync(2_000, MOST_TIMERS)
    }
    this.clock.advanceSync(60_000, MOST_TIMERS)
    if (this.#called !== this.#ended) this.#violate(`${this.#called} calls, ${this.#ended} ends`)
    if (this.#core.admission.waiting > 0) this.#violate('somebody still waits')
    if (this.#core.admission.open > 0) this.#violate('a reservation is open in the process')
    // What the store was never told, since it failed once too often, its own leases clear.
    this.#nothingLeft()
    if (this.memory.open > 0) this.#violate('a reservation is open in the store')
    if (!this.#delayed && this.#outOfTurn > 0.1 * this.#normal + this.#largest + 1e-6) {
      this.#violate(`out of turn ${this.#outOfTurn} of ${this.#normal}`)
    }
  }

  /** Long after the last call every limit is whole again. */
  #nothingLeft(): void {
    this.clock.advanceSync(1_000_000, MOST_TIMERS)
    // In the middle of all windows: at their ends a fixed one is closed.
    this.clock.advanceSync(3_500 - (this.now % 3_000), MOST_TIMERS)
    for (const target of this.#targets) {
      const { buckets } = target.limits
      const amounts = buckets.map(() => 0)
      this.memory.send({ type: 'peek', buckets, amounts, leaves: amounts }, this.now, (answer) => {
        if (answer.kind === 'failure') return
        for (const [index, { available, capacity }] of answer.levels.entries()) {
          const whole = Math.abs(available - capacity) < 1e-6 * capacity + 1e-6
          if (!whole) this.#violate(`${buckets[index]!.key} has ${available} of ${capacity} left in the end`)
        }
      })
    }
  }

  #call(event: Extract<Event, { kind: 'call' }>): void {
    const { admission, asking } = this.#core
    const target = this.#targets[event.target]!
    const parent = event.nested === true ? this.#sent.at(-1)?.reservation.id : undefined
    if (parent !== undefined) this.#reach('nested')
    this.#called++
    const call = asking(target, {
      input: event.input,
      output: event.output,
      tenant: `tenant ${event.tenant}`,
      priority: (['high', 'medium', 'low'] as const)[event.rank]!,
      ...(event.run === undefined ? {} : { run: `run ${event.run}` }),
      ...(event.within === undefined ? {} : { deadline: this.now + event.within }),
      ...(parent === undefined ? {} : { parent }),
    })
    const waiter = admission.reserve(call)
    if (waiter.state === 'queued') {
      this.#queued.add(waiter)
      this.#reach('queued')
    }
    let changes = 0
    waiter.onChange(() => {
      if (++changes > 1) this.#violate('a waiter changed twice')
      this.#queued.delete(waiter)
      this.#ended++
      this.#reach(waiter.state)
      if (waiter.error !== undefined) this.#reach(waiter.error.code)
      if (waiter.state === 'granted')
        this.#granted(waiter, target, { inputTokens: event.input, outputTokens: event.output })
    })
  }

  #granted(waiter: Waiter, target: Target, usage: Sent['usage']): void {
    const { rank, cost, parent } = waiter.ask
    this.#largest = Math.max(this.#largest, cost)
    const { room } = target.pool
    const higherWaits =
      parent === undefined && [0, 1].some((higher) => higher < rank && room.of(higher as 0 | 1).size > 0)
    if (higherWaits) this.#outOfTurn += cost
    else this.#normal += cost
    if (higherWaits) this.#reach('out of turn')
    this.#sent.push({
      waiter,
      reservation: waiter.reservation as HeldReservation,
      target,
      usage,
      arrived: false,
      acknowledged: false,
      released: false,
    })
  }

  /** The provider counts it. */
  #arrive(sent: Sent | undefined): void {
    if (sent === undefined || sent.arrived) return
    sent.arrived = true
    const { plan, amounts } = sent.waiter.ask
    for (const [index, line] of plan.lines.entries()) {
      if (line.unit === 'slots') {
        // A nested call works in its parent's slot.
        if (sent.waiter.ask.parent !== undefined) continue
        if (!this.#oracle(line).enter())
          this.#violate(`${line.bucket.key}: ${this.#oracle(line).inUse} at once`)
      } else if (
        !this.#oracle(line).charge(this.now, Math.min(amounts[index]!, this.#comesTo(sent, line.unit)))
      ) {
        this.#violate(`${line.bucket.key} was exceeded at ${this.now}`)
      }
    }
  }

  #acknowledge(sent: Sent | undefined): void {
    if (sent === undefined) return
    sent.acknowledged = true
    sent.reservation.acknowledge()
  }

  #release(sent: Sent | undefined): void {
    if (sent === undefined) return
    this.#leaveSlots(sent)
    sent.reservation.releaseSlots()
  }

  #settle(sent: Sent | undefined, used: number, known: boolean): void {
    if (sent === undefined) return
    this.#close(sent)
    const { inputTokens, outputTokens } = sent.usage
    const usage = { inputTokens, outputTokens: outputTokens * used }
    if (used > 1) this.#reach('overrun')
    // What the provider counted is what the call came to: an answer shorter than that must not be refunded for more.
    sent.reservation.settle(
      known ? { inputTokens, outputTokens: Math.max(usage.outputTokens, outputTokens) } : usage,
      known ? 'exact' : 'at-least',
    )
  }

  #cancel(sent: Sent | undefined): void {
    if (sent === undefined) return
    this.#close(sent)
    sent.reservation.cancel()
  }

  /** Late, and twice: nothing may come of it. */
  #settleAgain(sent: Sent | undefined): void {
    if (sent === undefined) return
    sent.reservation.acknowledge()
    sent.reservation.releaseSlots()
    sent.reservation.settle({ inputTokens: 0, outputTokens: 0 }, 'exact')
    sent.reservation.cancel()
  }

  #abort(waiter: Waiter | undefined): void {
    waiter?.cancel(new Error('left'))
    if (waiter !== undefined && waiter.state !== 'aborted') this.#violate(`aborted, but ${waiter.state}`)
  }

  #rateLimit(sent: Sent | undefined, retryAfterMs: number | undefined): void {
    if (sent === undefined) return
    this.#close(sent)
    const failure = { class: 'rate-limit' as const, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }
    this.#core.admission.feedback.rateLimited(sent.target, failure, sent.reservation.grantedAt)
    sent.reservation.fail({ ...failure, status: 429 })
  }

  /** A header that says less is left than we think, as when somebody else calls too, and where its window ends. */
  #headers(left: number): void {
    for (const { bucket, unit } of this.#targets[0]!.limits.lines) {
      if (unit === 'slots') continue
      const isFixed = bucket.algorithm === 'fixed-window'
      // The provider's windows begin at whole multiples of their length.
      const resetMs = isFixed ? bucket.perMs - (this.now % bucket.perMs) : undefined
      if (isFixed) this.#reach('phase-told')
      const op: Op = { type: 'observe', bucket, remaining: left * bucket.capacity, resetMs, ageMs: 0 }
      this.memory.send(op, this.now, () => {})
    }
  }

  #comesTo({ usage }: Sent, unit: string): number {
    if (unit === 'requests') return 1
    return unit === 'input'
      ? usage.inputTokens
      : unit === 'output'
        ? usage.outputTokens
        : usage.inputTokens + usage.outputTokens
  }

  #close(sent: Sent): void {
    this.#leaveSlots(sent)
    this.#sent.splice(this.#sent.indexOf(sent), 1)
    this.#closed.push(sent)
  }

  #leaveSlots(sent: Sent): void {
    if (sent.released || !sent.arrived || sent.waiter.ask.parent !== undefined) return
    sent.released = true
    for (const line of sent.waiter.ask.plan.lines) if (line.unit === 'slots') this.#oracle(line).leave()
  }

  #oracle(line: Sent['waiter']['ask']['plan']['lines'][number]): Oracle {
    const { key } = line.bucket
    const oracle = this.#oracles.get(key) ?? new Oracle(line)
    this.#oracles.set(key, oracle)
    return oracle
  }

  #violate(what: string): void {
    this.violations.push(what)
  }

  #reach(what: string): void {
    this.reached.set(what, (this.reached.get(what) ?? 0) + 1)
  }
}

function pick<T>(from: readonly T[], which: number): T | undefined {
  return from.length === 0 ? undefined : from[which % from.length]
}
