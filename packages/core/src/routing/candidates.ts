import type { Ladder, Silent, Trim } from './ladder.ts'

/** One way to answer a call. */
export type Candidate = Calling | SilentCandidate

export interface Calling {
  readonly kind: 'calling'
  readonly target: string
  /** The mark of its answer, where that is a lesser one. */
  readonly rung: 'lesser-model' | 'shorter' | undefined
  /** How long it may wait for room; the queue's own limit where it is not said. */
  readonly maxWaitMs: number | undefined
  /** It comes again further down, with more patience. */
  readonly again: boolean
  readonly maxOutputTokens: number | undefined
  /** Its diet, in place of the task's. */
  readonly trim: Trim | undefined
}

export interface SilentCandidate {
  readonly kind: 'silent'
  readonly rung: string
  readonly answer: Silent
}

/** A wait that nobody notices: whoever has less of it has room. */
export const NO_WAIT_MS = 100
/** How long somebody who looks on waits before a lesser answer is better, where the task does not say. */
export const INTERACTIVE_WAIT_MS = 2_000

export interface Walker {
  /** Of the ladder's targets (the strongest ones, where the risk is high) those to be asked, in the order of the strategy. */
  readonly targets: readonly string[]
  /** Somebody looks on: another target with room is better than a wait. */
  readonly interactive: boolean
}

/** Of ladders whose targets are asked as they are listed: the same for each of their calls. */
const asListed = { interactive: new WeakMap<Ladder, Candidate[]>(), not: new WeakMap<Ladder, Candidate[]>() }

/**
 * Everything that may be tried, in order. Each target is in it a bounded number of times, so that no configuration can
 * go round in circles.
 */
export function candidatesOf(ladder: Ladder, walker: Walker): readonly Candidate[] {
  if (walker.targets !== ladder.targets) return candidatesFor(ladder, walker)
  const known = walker.interactive ? asListed.interactive : asListed.not
  let candidates = known.get(ladder)
  if (candidates === undefined) known.set(ladder, (candidates = candidatesFor(ladder, walker)))
  return candidates
}

function candidatesFor(ladder: Ladder, { targets, interactive }: Walker): Candidate[] {
  const { rungs, strategy } = ladder
  const patience = ladder.maxWaitMs ?? (interactive && rungs.length > 0 ? INTERACTIVE_WAIT_MS : undefined)
  // Choosing and reserving in one step: whoever finds the first one taken meanwhile gets the next.
  const looksAround = (interactive || strategy === 'headroom') && targets.length > 1
  const quick = looksAround ? targets.map((target) => ({ ...calling(target, NO_WAIT_MS), again: true })) : []
  const patient = targets.map((target) => calling(target, patience))
  return [...quick, ...patient, ...rungs.flatMap((rung) => ofRung(rung, targets, patience))]
}

function ofRung(
  rung: Ladder['rungs'][number],
  targets: readonly string[],
  patience: number | undefined,
): Candidate[] {
  switch (rung.kind) {
    case 'target':
      return [{ ...calling(rung.target, patience), rung: 'lesser-model' }]
    case 'shorter': {
      const { maxOutputTokens, trim } = rung
      return targets.map((target) => ({
        ...calling(target, patience),
        rung: 'shorter',
        maxOutputTokens,
        trim,
      }))
    }
    case 'partial':
      return []
    case 'silent':
      return [{ kind: 'silent', rung: rung.name, answer: rung.answer }]
  }
}

/** How long the answer of a candidate may be. */
export function lengthFor(
  { maxOutputTokens }: Calling,
  asked: number | undefined,
  ladder: Ladder,
): number | undefined {
  const least = Math.min(maxOutputTokens ?? Infinity, asked ?? ladder.maxOutputTokens ?? Infinity)
  return Number.isFinite(least) ? least : undefined
}

/** What follows an answer that will not do: stronger ones, and then what calls nothing. */
export function strongerThan(ladder: Ladder, asked: ReadonlySet<string>): Candidate[] {
  const stronger = ladder.stronger.filter((target) => !asked.has(target))
  return stronger.map((target) => calling(target, ladder.maxWaitMs))
}

function calling(target: string, maxWaitMs: number | undefined): Calling {
  return {
    kind: 'calling',
    target,
    rung: undefined,
    maxWaitMs,
    again: false,
    maxOutputTokens: undefined,
    trim: undefined,
  }
}

/** The targets to begin with, before a strategy puts them in order. */
export function startingTargets(
  ladder: Ladder,
  { target, named, offered }: { target: string; named: boolean; offered: readonly string[] | undefined },
): readonly string[] {
  const isOffered = (one: string): boolean => offered === undefined || offered.includes(one)
  // The strongest first, and none that is lesser than those.
  if (ladder.high && ladder.stronger.length > 0) return ladder.stronger.toReversed().filter(isOffered)
  const listed = ladder.targets.length > 0 ? ladder.targets : (offered ?? [target])
  if (ladder.high) return listed.filter(isOffered)
  if (listed === ladder.targets && offered === undefined && (!named || listed[0] === target)) return listed
  const all = named ? [target, ...listed.filter((one) => one !== target)] : listed
  const offering = all.filter(isOffered)
  return offering.length > 0 ? offering : [target]
}
