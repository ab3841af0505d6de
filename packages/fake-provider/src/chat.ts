import { requestAdmission } from './admission.ts'
import { createAnswer } from './answer/answer.ts'
import type { ChatRequest, Reply } from './dialects/dialect.ts'
import { runAnswer } from './generation.ts'
import type { Fields } from './checks.ts'
import type { Model } from './model.ts'
import { readSteering, type Steering } from './prompt/steering.ts'
import { useCache } from './prompt/cache-use.ts'
import type { ChargeRule } from './options.ts'
import type { Context } from './refuse.ts'

/** One chat request, of either dialect, from its body to its answer. */
export function serveChat(context: Context, body: Fields, model: Model): void {
  const { state, exchange, dialect } = context
  const request = dialect.parse(body, model.id)
  const { prompt, maxTokens, stream } = request
  const { settings } = model
  const size = (tokens: number): number => Math.max(1, Math.round(tokens * model.bias))
  const promptTokens = size(prompt.tokens)
  const cache = useCache(model, request.caching, state.now(), size)

  const admission = {
    model,
    stream,
    promptTokens,
    cachedTokens: cache.read,
    writtenTokens: cache.written,
    tokens: chargeAtAdmission(settings.charge, promptTokens, maxTokens),
    refundable: settings.charge === 'actual',
  }
  requestAdmission(context, admission, (admitted) => {
    const steering = readSteering(prompt.lastUserText)
    const answer = createAnswer({
      hash: prompt.hash,
      seed: state.settings.seed,
      bias: model.bias,
      maxTokens: Math.min(maxTokens ?? Infinity, settings.maxOutputTokens),
      outputTokens: settings.outputTokens,
      steerTokens: steering.tokens,
      tool: chooseTool(request, steering),
      json: request.json,
      wrong: admitted.fault?.kind === 'wrong-answer',
    })
    const usage = {
      prompt: promptTokens,
      cached: cache.read,
      written: cache.written,
      writtenForAnHour: cache.writtenForAnHour,
      completion: answer.tokens,
    }
    const reply: Reply = {
      requestId: exchange.requestId,
      model: model.id,
      createdMs: Date.now(),
      answer,
      usage: admitted.fault?.kind === 'missing-usage' ? undefined : usage,
      includeUsage: request.includeUsage,
      serviceTier: request.serviceTier,
      echo: request.echo,
    }
    runAnswer(context, {
      model,
      reply,
      stream,
      admitted,
      // Where nothing was set aside for the output, it is charged as it comes.
      chargeOutput: maxTokens === undefined && settings.charge !== 'max',
      onFirstToken: () => cache.remember(state.now()),
    })
  })
}

/** A marker asks once, before any result; `tool_choice` insists every time. */
function chooseTool({ hasTools, prompt, forcedTool }: ChatRequest, { tool }: Steering): Steering['tool'] {
  return hasTools && tool && !prompt.endsWithToolResult ? tool : forcedTool
}

function chargeAtAdmission(rule: ChargeRule, prompt: number, maxTokens: number | undefined): number {
  const output = maxTokens ?? 0
  return rule === 'max' ? Math.max(prompt, output) : prompt + output
}
