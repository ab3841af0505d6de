import { AIMessage } from '@langchain/core/messages'
import type { BaseMessage } from '@langchain/core/messages'
import type { Price, Prices, PriceTable, Usage } from '@plimsoll/core'
import { costUsd, PlimsollError, providerId } from '@plimsoll/core'
import { PlimsollLangChainError } from './error.ts'
import { readMessage } from './message.ts'
import { usageOfMessage } from './parts.ts'
import { modelOf } from './request.ts'
import type { Fields } from './request.ts'

export interface Spent {
  readonly tokens: number
  readonly usd: number
}

const CHARACTERS_PER_TOKEN = 4

/** What the last answer among these messages has used; in money too, where there are prices. */
export function spentBy(messages: readonly BaseMessage[], prices: PriceTable | Prices | undefined): Spent {
  const last = messages.findLastIndex((message) => AIMessage.isInstance(message))
  const answer = messages[last]
  if (answer === undefined) return { tokens: 0, usd: 0 }
  const usage = usageOfMessage(answer) ?? estimated(messages.slice(0, last), answer)
  const tokens = (usage.inputTokens ?? 0) + (usage.outputTokens ?? 0)
  if (prices === undefined) return { tokens, usd: 0 }
  const target = targetOf(answer)
  const price = priceOf(target, prices)
  const usd = price && costUsd(price, usage)
  if (usd !== undefined) return { tokens, usd }
  const message = `What ${target} costs is not known, and a limit counts money: add it to \`prices\`.`
  throw new PlimsollLangChainError(new PlimsollError({ code: 'unknown-price', message }))
}

/** A provider that says nothing has not answered for nothing. */
function estimated(before: readonly BaseMessage[], answer: BaseMessage): Usage {
  const inputTokens = before.reduce((all, message) => all + tokensOf(message), 0)
  return { inputTokens, outputTokens: tokensOf(answer) }
}

function tokensOf(message: BaseMessage): number {
  const { text, toolCalls } = readMessage(message)
  return Math.ceil((text.length + JSON.stringify(toolCalls).length) / CHARACTERS_PER_TOKEN)
}

/** Who gave an answer: as Plimsoll says, or as the model itself does. */
function targetOf({ response_metadata: said }: BaseMessage): string {
  const { plimsoll, model_provider: provider, model_name: name } = said as Fields & { plimsoll?: Fields }
  const target = plimsoll?.['target']
  if (typeof target === 'string') return target
  return `${providerId(String(provider ?? 'unknown'))}/${String(name ?? modelOf(said) ?? 'unknown')}`
}

function priceOf(id: string, prices: PriceTable | Prices): Price | undefined {
  const [provider = '', ...rest] = id.split('/')
  const model = rest.join('/')
  if (typeof prices === 'function') return prices({ id, provider, model })?.price
  return [id, model].filter((name) => Object.hasOwn(prices, name)).map((name) => prices[name])[0]
}
