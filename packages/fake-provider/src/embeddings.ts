import { requestAdmission } from './admission.ts'
import type { Fields } from './checks.ts'
import { ApiError } from './http/api-error.ts'
import type { Model } from './model.ts'
import { Pace } from './pacing.ts'
import { countTokens } from './prompt/tokenizer.ts'
import { hashText, lognormal, mix, toUnit } from './random.ts'
import type { Context } from './refuse.ts'
import { createBodySink } from './sinks.ts'

/** `POST /v1/embeddings`: the same text gives the same vector. */
export function serveEmbeddings(context: Context, body: Fields, model: Model): void {
  const { state, exchange, dialect } = context
  const { settings, bias } = model
  const inputs = readInputs(body['input'])
  const dimensions = readDimensions(body['dimensions']) ?? settings.embeddingDimensions
  const format = body['encoding_format'] ?? 'float'
  if (format !== 'float' && format !== 'base64') {
    throw new ApiError('invalid-request', "Invalid 'encoding_format': use float or base64.", {
      param: 'encoding_format',
    })
  }
  const tokens = inputs.reduce((sum, input) => sum + Math.max(1, Math.round(input.tokens * bias)), 0)
  const admission = {
    model,
    stream: false,
    promptTokens: tokens,
    cachedTokens: 0,
    writtenTokens: 0,
    tokens,
    refundable: false,
  }
  requestAdmission(context, admission, ({ fault }) => {
    const usage = { prompt_tokens: tokens, total_tokens: tokens }
    const sink = createBodySink(context, {
      fault,
      headers: (type) => ({
        'content-type': type,
        [dialect.requestIdHeader]: exchange.requestId,
        ...dialect.limitHeaders(model, state.now()),
      }),
      body: () => ({
        object: 'list',
        data: inputs.map(({ hash }, index) => {
          const vector = createVector(hash, dimensions)
          return { object: 'embedding', index, embedding: format === 'base64' ? encode(vector) : [...vector] }
        }),
        model: model.id,
        ...(fault?.kind !== 'missing-usage' && { usage }),
      }),
    })
    const late = fault?.kind === 'slow-first-token' ? fault.ms : 0
    const ttftMs = late + lognormal(settings.ttftMs, settings.ttftSigma, state.random(), state.random())
    const plan = { ttftMs, tokensPerSecond: Infinity, tokens: 0, watched: false, now: state.now }
    const hold = (ms: number): void => pace.hold(ms)
    const pace = new Pace(exchange, plan, {
      onFirst: () => sink.begin(hold),
      onTokens: () => {},
      onEnd: () => sink.end(hold),
    })
    pace.start()
  })
}

interface Input {
  tokens: number
  hash: number
}

/** A text, texts, the token ids of one, or of several. */
function readInputs(input: unknown): Input[] {
  const list = Array.isArray(input) && !input.every(isNumber) ? input : [input]
  if (list.length === 0 || list.length > 2048) throw invalidInput()
  return list.map((entry: unknown): Input => {
    if (typeof entry === 'string' && entry !== '')
      return { tokens: countTokens(entry), hash: hashText(entry) }
    if (Array.isArray(entry) && entry.length > 0 && entry.every(isNumber)) {
      return { tokens: entry.length, hash: hashText(entry.join(' ')) }
    }
    throw invalidInput()
  })
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number'
}

function invalidInput(): ApiError {
  return new ApiError(
    'invalid-request',
    "Invalid 'input': expected 1 to 2048 non-empty texts or token arrays.",
    {
      param: 'input',
    },
  )
}

function readDimensions(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 4096) return value
  throw new ApiError('invalid-request', "Invalid 'dimensions': expected a whole number from 1 to 4096.", {
    param: 'dimensions',
  })
}

/** Of length one, as the real vectors are. */
function createVector(hash: number, dimensions: number): Float32Array {
  const vector = Float32Array.from({ length: dimensions }, (_, index) => toUnit(mix(hash, index)) - 0.5)
  const length = Math.hypot(...vector)
  return vector.map((value) => value / length)
}

function encode(vector: Float32Array): string {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('base64')
}
