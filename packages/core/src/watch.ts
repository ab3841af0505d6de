import type { Call } from './call/call.ts'
import type { Finish } from './call/host.ts'
import type { Failure, Outcome } from './call/outcome.ts'
import type { Step } from './call/policy.ts'
import { currentScope, inScope } from './call/scope.ts'
import { cleanUsage, isKnown } from './call/usage.ts'
import type { Usage } from './call/usage.ts'
import { costUsd } from './tokens/price.ts'
import type { PriceMatch } from './tokens/price.ts'

/** A call that somebody else makes, and that is only looked at. What comes after its end counts for nothing. */
export interface Watch {
  /** Its first content has come. */
  content(): void
  /** It was answered. Without its usage the input is estimated, and the record says so. */
  end(answer: { readonly usage?: Usage | undefined; readonly finish?: Finish | undefined }): void
  fail(error: unknown): void
  /** Its caller has left. */
  abort(reason?: unknown): void
}

export interface WatchOptions {
  readonly now: () => number
  readonly priced: PriceMatch | undefined
  readonly classify: (error: unknown) => Failure
  /** Tells the record of a call that came out as this step says. */
  readonly record: <T>(call: Call<T>, step: Step) => void
}

export function watch(call: Call<unknown>, { now, priced, classify, record }: WatchOptions): Watch {
  const { state } = call
  const scope = currentScope()
  let isOver = false

  function over(outcome: Outcome<unknown>): void {
    if (isOver) return
    isOver = true
    state.attempts = 1
    state.modelMs = now() - state.startedAt
    state.priceId = priced?.id
    // The run that it belongs to is the one that it began in.
    inScope(scope, () => record(call, async <T>() => outcome as Outcome<T>))
  }

  return {
    content() {
      state.firstContentAt ??= now()
    },
    end({ usage: said = {}, finish }) {
      const known = cleanUsage(said)
      const exact: boolean = isKnown(known)
      const usage = exact ? known : { ...known, inputTokens: call.inputTokens() }
      const cost = priced && costUsd(priced.price, usage)
      const end = {
        how: 'finished' as const,
        usage,
        exact,
        ...(cost === undefined ? {} : { costUsd: cost }),
        ...(finish === undefined ? {} : { finish }),
      }
      const reply = {
        value: undefined,
        target: call.target,
        marks: {},
        headers: {},
        end: Promise.resolve(end),
      }
      over({ kind: 'ok', reply })
    },
    fail(error) {
      const failure = classify(error)
      if (!isOver) state.failures[failure.class] = 1
      over({ kind: 'failed', failure, error })
    },
    abort: (reason) => over({ kind: 'aborted', reason }),
  }
}
