import type { Attributes } from '../call/attributes.ts'
import type { Call } from '../call/call.ts'
import type { PlimsollError } from '../call/errors.ts'
import type { Outcome } from '../call/outcome.ts'
import type { Next, Policy } from '../call/policy.ts'
import { within } from '../time/within.ts'
import { startingTargets } from './candidates.ts'
import type { Ladder } from './ladder.ts'
import { notToBeCalled } from './no-answer.ts'
import type { Unanswered } from './no-answer.ts'
import { ranked } from './rank.ts'
import type { Shadows } from './shadow.ts'
import { Walk } from './walk.ts'
import type { WalkOptions } from './walk.ts'

/** A store that takes longer to say how much room there is is not waited for. */
const OUTLOOK_MS = 1_000
const NO_OUTLOOK = { waitMs: Number.POSITIVE_INFINITY, room: 0, costUsd: undefined }

export interface ChooseOptions extends WalkOptions {
  /** What is decided of the call; `undefined` where nothing is. */
  readonly ladderOf: (call: Pick<Call<unknown>, 'attributes' | 'offered' | 'named'>) => Ladder | undefined
  /** The refusal of a call whose feature is switched off. */
  readonly switchedOff: (attributes: Attributes) => PlimsollError | undefined
  readonly shadows: Pick<Shadows, 'follow'>
}

/**
 * Decides who answers a call, and what is given when nobody can: one loop over one list of candidates, the task's
 * equivalents first, its rungs behind them.
 */
export function choose(options: ChooseOptions): Policy {
  return {
    name: 'choose',
    run<T>(call: Call<T>, next: Next<T>): Promise<Outcome<T>> {
      const off = options.switchedOff(call.attributes)
      const refused = off && ({ kind: 'rejected', side: 'caller', by: 'feature', error: off } as const)
      const ladder = options.ladderOf(call)
      if (ladder !== undefined) return chosen({ call, next, ladder, refused }, options)
      return refused === undefined ? next(call) : Promise.resolve(refused)
    },
  }
}

interface Choosing<T> {
  readonly call: Call<T>
  readonly next: Next<T>
  readonly ladder: Ladder
  readonly refused: Unanswered | undefined
}

function chosen<T>(choosing: Choosing<T>, options: ChooseOptions): Promise<Outcome<T>> {
  const { call, next, ladder, refused } = choosing
  const targets = refused === undefined ? asListed(call, ladder) : [call.target]
  const outcome =
    targets === undefined
      ? chosenByLooking(choosing, options)
      : new Walk(call, ladder, next, options).run(targets, refused)
  return ladder.shadow === undefined ? outcome : shadowed(choosing, outcome, options)
}

async function chosenByLooking<T>(
  { call, next, ladder }: Choosing<T>,
  options: ChooseOptions,
): Promise<Outcome<T>> {
  let targets: readonly string[]
  try {
    targets = await inOrder(call, ladder, options)
  } catch (error) {
    return notToBeCalled(error)
  }
  return new Walk(call, ladder, next, options).run(targets, undefined)
}

async function shadowed<T>(
  { call, ladder }: Choosing<T>,
  coming: Promise<Outcome<T>>,
  { shadows }: ChooseOptions,
): Promise<Outcome<T>> {
  const outcome = await coming
  if (outcome.kind === 'ok') shadows.follow(call, outcome.reply, ladder)
  return outcome
}

/** Where to begin, where nothing need be looked at for it. */
function asListed<T>(
  { target, named = false, offered }: Call<T>,
  ladder: Ladder,
): readonly string[] | undefined {
  const targets = startingTargets(ladder, { target, named, offered })
  // The caller's own choice, and the strongest first, are no matter of strategy.
  const isFixed = named || (ladder.high && ladder.stronger.length > 0)
  return ladder.strategy === 'order' || targets.length < 2 || isFixed ? targets : undefined
}

/** Where to begin, best first. */
export async function inOrder<T>(
  call: Call<T>,
  ladder: Ladder,
  { routes, latencies, clock, now }: Omit<WalkOptions, 'events'>,
): Promise<readonly string[]> {
  const { strategy } = ladder
  const listed = asListed(call, ladder)
  if (listed !== undefined || strategy === 'order') return listed ?? []
  const { target, named = false, offered } = call
  const targets = startingTargets(ladder, { target, named, offered })
  const outlooks = await Promise.all(
    targets.map(async (one) => {
      const moved = { ...call, target: one }
      const looking = { clock, ms: OUTLOOK_MS, signal: call.signal }
      const timed = await within(
        () => routes.outlook({ ...moved, inputTokens: routes.counter(moved) }),
        looking,
      )
      if (timed.kind === 'threw') throw timed.error
      const outlook = timed.kind === 'done' ? timed.value : NO_OUTLOOK
      return { ...outlook, latencyMs: latencies.of(moved, now()) }
    }),
  )
  return ranked(targets, outlooks, strategy)
}
