import type { Call } from '../call/call.ts'
import type { PlimsollError } from '../call/errors.ts'
import { candidatesOf, lengthFor } from './candidates.ts'
import type { Candidate } from './candidates.ts'
import type { Ladder } from './ladder.ts'
import { overflows, passedOver } from './passes.ts'
import { noTarget } from './no-answer.ts'
import type { Tried } from './no-answer.ts'
import type { Routes } from './routes.ts'

/** What one target would say to a call now. */
export type Verdict =
  | { readonly kind: 'process' }
  | { readonly kind: 'queue'; readonly waitMs: number }
  | { readonly kind: 'reject'; readonly side: 'target' | 'caller'; readonly reason: PlimsollError }

/** What would come of a call now. */
export type Foreseen =
  | Exclude<Verdict, { kind: 'reject' }>
  | { readonly kind: 'fallback'; readonly to: string }
  | { readonly kind: 'degrade'; readonly rung: string; readonly to?: string }
  | { readonly kind: 'reject'; readonly reason: PlimsollError }

export interface Foreseeing<T> {
  readonly call: Call<T>
  readonly ladder: Ladder
  readonly targets: readonly string[]
  readonly routes: Routes
  /** Asks a target, takes nothing. */
  readonly ask: (call: Call<T>) => Promise<Verdict>
  /** It may call nothing, for this reason. */
  readonly refused: PlimsollError | undefined
}

/**
 * Walks the candidates as a call would, and takes nothing. Whether there is a stale answer is not looked for, nor what a
 * diet would cut.
 */
export async function foresee<T>({
  call,
  ladder,
  targets,
  routes,
  ask,
  refused,
}: Foreseeing<T>): Promise<Foreseen> {
  const interactive = call.attributes.mode === 'interactive'
  let rest: readonly Candidate[] = candidatesOf(ladder, { targets, interactive })
  const first = rest.find((one) => one.kind === 'calling')?.target
  let reason = refused
  if (refused !== undefined) rest = rest.filter(({ kind }) => kind === 'silent')
  const passed = new Map<string, Tried>()
  while (rest.length > 0) {
    const candidate = rest[0]!
    rest = rest.slice(1)
    if (candidate.kind === 'silent') {
      if (candidate.rung !== 'stale') return { kind: 'degrade', rung: candidate.rung }
      continue
    }
    const { target, maxWaitMs, rung, again } = candidate
    const maxOutputTokens = lengthFor(candidate, call.maxOutputTokens, ladder)
    const moved = { ...call, target, maxWaitMs, maxOutputTokens }
    const asked = { ...moved, inputTokens: routes.counter(moved) }
    const why = passedOver(target, call, routes) ?? (overflows(asked, routes) ? 'context' : undefined)
    // An open breaker says itself for how long.
    if (why !== undefined && why !== 'breaker') {
      passed.set(target, { target, why })
      continue
    }
    const verdict = await ask(asked)
    if (verdict.kind === 'reject') {
      ;({ reason } = verdict)
      const isFinal = verdict.side === 'caller' && !(again && reason.code === 'wait-too-long')
      if (isFinal) rest = rest.filter(({ kind }) => kind === 'silent')
      continue
    }
    if (rung !== undefined) return { kind: 'degrade', rung, to: target }
    return target === first ? verdict : { kind: 'fallback', to: target }
  }
  return { kind: 'reject', reason: reason ?? noTarget(ladder.task, [...passed.values()], { attempts: 0 }) }
}
