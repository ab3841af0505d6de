import type { Admitted } from './admission.ts'
import type { Reply } from './dialects/dialect.ts'
import type { Model } from './model.ts'
import { Pace } from './pacing.ts'
import { lognormal } from './random.ts'
import type { Context } from './refuse.ts'
import { createBodySink, createStreamSink } from './sinks.ts'

export interface Generation {
  model: Model
  reply: Reply
  stream: boolean
  admitted: Admitted
  /** Whether `tokens` limits are charged with the output as it comes. */
  chargeOutput: boolean
  onFirstToken(): void
}

/** Generates the answer at the model's rate into a stream or one body, until it ends or the client goes. */
export function runAnswer(context: Context, generation: Generation): void {
  const { state, exchange, dialect } = context
  const { model, reply, stream, admitted, chargeOutput } = generation
  const { settings, limiter } = model
  const { fault } = admitted
  const headers = (type: string): Record<string, string> => ({
    'content-type': type,
    [dialect.requestIdHeader]: exchange.requestId,
    ...dialect.limitHeaders(model, state.now()),
  })

  const late = fault?.kind === 'slow-first-token' ? fault.ms : 0
  const live = limiter.limits.some(
    ({ settings: { unit } }) => unit === 'output' || (chargeOutput && unit === 'tokens'),
  )
  const plan = {
    ttftMs: late + lognormal(settings.ttftMs, settings.ttftSigma, state.random(), state.random()),
    tokensPerSecond: settings.tokensPerSecond,
    tokens: reply.answer.tokens,
    watched: stream || live || fault?.kind === 'keep-alive-only',
    now: state.now,
  }
  const sink = stream
    ? createStreamSink(context, { reply, fault, headers })
    : createBodySink(context, { body: () => dialect.complete(reply), fault, headers })
  const hold = (ms: number): void => pace.hold(ms)
  const pace = new Pace(exchange, plan, {
    onFirst() {
      generation.onFirstToken()
      sink.begin(hold)
    },
    onTokens(from, to) {
      admitted.generated(to - from, chargeOutput)
      sink.tokens(from, to, hold)
    },
    onEnd: () => sink.end(hold),
  })
  if (stream && settings.headersAt === 'admission')
    exchange.head(200, headers('text/event-stream; charset=utf-8'))
  pace.start()
}
