import type { Call } from '../call/call.ts'
import type { Events } from '../call/events.ts'
import type { Segment } from '../call/host.ts'
import { inScope } from '../call/scope.ts'
import type { Clock } from '../time/clock.ts'
import { within } from '../time/within.ts'
import { trim } from './diet.ts'
import type { Diet, Trimming } from './diet.ts'

/** A summary that takes longer is done without. */
const SUMMARY_MS = 15_000

export interface TrimOptions {
  readonly clock: Clock
  readonly now: () => number
  readonly events: Events
  /** Tokens of one segment, as the call's target counts them. */
  readonly count: (segment: Segment, target: string) => number
  /** Tokens of the changed call, counted when first asked for. */
  readonly counter: <T>(call: Call<T>) => () => number
}

/** The call with its input cut down by a diet. Says which diet where it cut anything. */
export async function trimCall<T>(
  call: Call<T>,
  diet: Diet,
  options: TrimOptions,
): Promise<{ call: Call<T>; diet: string | undefined }> {
  const { host, request, target } = call
  const given = host.segments(request)
  const trimming = trim(given, diet, (segment) => options.count(segment, target))
  const { cut } = trimming
  const cutTokens = cut.history + cut.toolResults + cut.documents + cut.repeated
  if (cutTokens === 0) return { call, diet: undefined }
  const segments = await withSummary(call, diet, { trimming, options })
  const trimmed: Call<T> = { ...call, request: host.withSegments(request, segments) }
  // What the caller has counted is less what was taken out of it.
  const counted = call.counted ? () => Math.max(0, call.inputTokens() - cutTokens) : options.counter(trimmed)
  if (options.events.heard) {
    const at = options.now()
    const of = { at, callId: call.id, target }
    options.events.emit({ type: 'diet.applied', diet: diet.name, cut, inputTokens: counted(), ...of })
  }
  return { call: { ...trimmed, inputTokens: counted }, diet: diet.name }
}

/** What was said before, in short, in the place of its first text. */
async function withSummary<T>(
  call: Call<T>,
  { summariseBy }: Diet,
  { trimming, options }: { trimming: Trimming; options: TrimOptions },
): Promise<readonly Segment[]> {
  const { segments, cutHistory, cutAt } = trimming
  const place = cutHistory.find(({ role, kind }) => role === 'user' && kind === 'text')
  if (summariseBy === undefined || place === undefined) return segments
  const controller = new AbortController()
  const history = cutHistory.map(({ role, text }) => `${role}: ${text}`).join('\n')
  const { task: _, ...attributes } = call.attributes
  const ms = Math.max(0, Math.min(SUMMARY_MS, call.deadline - options.now()))
  const timed = await within(
    () => inScope({ attributes }, () => summariseBy(history, { signal: controller.signal })),
    { clock: options.clock, ms, signal: call.signal },
  )
  if (timed.kind !== 'done') controller.abort(timed.kind === 'aborted' ? timed.reason : undefined)
  if (timed.kind !== 'done' || typeof timed.value !== 'string' || timed.value === '') return segments
  return segments.toSpliced(cutAt, 0, { ...place, text: timed.value })
}
