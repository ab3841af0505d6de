import { BaseChatModel } from '@langchain/core/language_models/chat_models'
import type { BaseMessage } from '@langchain/core/messages'
import type { CallbackManagerForLLMRun } from '@langchain/core/callbacks/manager'
import { RunnableBinding } from '@langchain/core/runnables'
import type { Attributes, Plimsoll } from '@plimsoll/core'
import { metadataAttributes } from './attributes.ts'
import { marked, markOf, routers } from './governed.ts'
import { governor } from './governor.ts'
import type { Askable, Call, Governor } from './governor.ts'
import type { CallOptions, Fields } from './request.ts'
import { targetOf } from './target.ts'

/**
 * Governs a chat model: its calls wait for room, are settled by what they used, and are refused in good time.
 *
 * ```ts
 * const model = withPlimsoll(new ChatOpenAI({ model: 'gpt-5-mini' }), plimsoll, { tenant: 'acme' })
 * await model.invoke('Say hello.')
 * ```
 * What comes back behaves as the model does, with its type, its class and its methods; `bindTools`, `withConfig` and
 * `withStructuredOutput` of it are governed too. The model itself is left as it was. LangChain's own retries
 * (`maxRetries`) are off in calls made through it: Plimsoll's take their place.
 *
 * **Gotcha**: a stream that is opened and never read holds its slot until its lease runs out (`leaseMs`).
 *
 * @param attributes of every call made through it. `plimsoll.with` around a call wins over them; they win over the call's
 * `metadata.plimsoll`.
 * @throws {PlimsollLangChainError} (the call) when it is refused, or the provider has failed as often as it was worth
 * trying; a provider's error that says what is wrong with the request stays itself
 */
export function withPlimsoll<M extends BaseChatModel>(
  model: M,
  plimsoll: Plimsoll,
  attributes: Attributes = {},
): M {
  return governing(plimsoll, attributes)(model)
}

/** The same for whatever is called in a model's place: a model with something bound to it, or one chosen when called. */
export function governing(plimsoll: Plimsoll, attributes: Attributes): <M>(model: M) => M {
  const wrapping = { plimsoll, attributes, govern: governor(plimsoll, attributes) }
  return (model) => governed(model, wrapping) as typeof model
}

interface Wrapping {
  readonly plimsoll: Plimsoll
  readonly attributes: Attributes
  readonly govern: Governor
}

/** The chat model's own methods that are protected, or only some models have. */
interface Inner {
  _separateRunnableConfigFromCallOptionsCompat(options?: unknown): [{ metadata?: unknown }, CallOptions]
}

function wrapped<M extends BaseChatModel>(model: M, wrapping: Wrapping): M {
  const { plimsoll, govern } = wrapping
  const of: Askable = {
    paramsOf: (options) => (model.invocationParams(options) ?? {}) as Fields,
    modelsOf: ({ options, params }) => ({ target: targetOf(model, options, params) }),
    askingOf: (_target, options) => ({ model, options }),
  }

  function call(messages: BaseMessage[], options: CallOptions, manager?: CallbackManagerForLLMRun): Call {
    return { of, messages, options, manager }
  }

  const methods: Readonly<Record<string, (...args: never[]) => unknown>> = {
    _generate: (...args: Parameters<typeof call>) => govern.generate(call(...args)),
    _streamResponseChunks: (...args: Parameters<typeof call>) => govern.chunks(call(...args)),
    _streamChatModelEvents: (...args: Parameters<typeof call>) => govern.events(call(...args)),
    _separateRunnableConfigFromCallOptionsCompat(given?: unknown) {
      const [config, options] = (model as unknown as Inner)._separateRunnableConfigFromCallOptionsCompat(
        given,
      )
      const said = metadataAttributes(model.metadata, config.metadata)
      const mark = { by: [...markOf(options).by, plimsoll], attributes: said }
      return [config, marked(options, mark)]
    },
  }

  const proxy = new Proxy(model, {
    get(target, name, receiver) {
      const value: unknown = Reflect.get(target, name, receiver)
      if (typeof name !== 'string' || typeof value !== 'function') return value
      if (REMAKING.has(name)) return remaking(value as Remake, wrapping)
      if (!Object.hasOwn(methods, name)) return value
      // What a model does not have of its own LangChain must find as it was: it compares, and what is there leads here.
      return STREAMS.has(name) && value === Reflect.get(BaseChatModel.prototype, name) ? value : methods[name]
    },
  })
  wrappings.set(proxy, wrapping)
  return proxy
}

/** By what each model that came from here is governed. */
const wrappings = new WeakMap<object, Wrapping>()

const STREAMS: ReadonlySet<string> = new Set(['_streamResponseChunks', '_streamChatModelEvents'])

/** Methods that give another model, made anew from the fields of this one. */
const REMAKING: ReadonlySet<string> = new Set(['withConfig', 'bindTools', '_getModelInstance'])

type Remake = (this: unknown, ...args: unknown[]) => unknown

/** Called on the governed model itself, so that what only refers to it, as a binding does, refers to that. */
function remaking(remake: Remake, wrapping: Wrapping): Remake {
  return function (...args) {
    const made = remake.apply(this, args)
    return made instanceof Promise ? made.then((one) => governed(one, wrapping)) : governed(made, wrapping)
  }
}

function governed(made: unknown, wrapping: Wrapping): unknown {
  if (made instanceof BaseChatModel) {
    const router = routers.get(made)
    if (router?.by === wrapping.plimsoll) return router.bound(wrapping.attributes)
    return wrappings.get(made) === wrapping ? made : wrapped(made, wrapping)
  }
  if (!(made instanceof RunnableBinding)) return made
  const bound = governed(made.bound, wrapping)
  if (bound === made.bound) return made
  const make = made.constructor as typeof RunnableBinding
  return new make({ ...made, bound: bound as BaseChatModel })
}
