import type { CallbackManagerForLLMRun } from '@langchain/core/callbacks/manager'
import type {
  BaseLanguageModelInput,
  StructuredOutputMethodOptions,
} from '@langchain/core/language_models/base'
import { BaseChatModel } from '@langchain/core/language_models/chat_models'
import type {
  BaseChatModelCallOptions,
  BindToolsInput,
  LangSmithParams,
} from '@langchain/core/language_models/chat_models'
import type { ChatModelStreamEvent } from '@langchain/core/language_models/event'
import { assembleStructuredOutputPipeline } from '@langchain/core/language_models/structured_output'
import type { AIMessageChunk, BaseMessage } from '@langchain/core/messages'
import type { ChatGenerationChunk, ChatResult } from '@langchain/core/outputs'
import type { Runnable, RunnableConfig } from '@langchain/core/runnables'
import { mergeConfigs, RunnableLambda } from '@langchain/core/runnables'
import type { SerializableSchema } from '@langchain/core/utils/standard_schema'
import type { InteropZodType } from '@langchain/core/utils/types'
import type { Attributes, Plimsoll } from '@plimsoll/core'
import { PlimsollError } from '@plimsoll/core'
import { metadataAttributes } from './attributes.ts'
import { marked, markOf, routers } from './governed.ts'
import { governor } from './governor.ts'
import type { Askable, Call, Governor } from './governor.ts'
import { leading } from './leading.ts'
import type { Leading } from './leading.ts'
import type { AnswerMarks } from './marks.ts'
import type { CallOptions, Fields } from './request.ts'

/**
 * One chat model out of many. Each call goes to the one that its task, its limits and its luck lead to:
 *
 * ```ts
 * const model = routedChatModel(plimsoll, {
 *   'openai/gpt-5-mini': new ChatOpenAI({ model: 'gpt-5-mini' }),
 *   'anthropic/claude-haiku-4-5': new ChatAnthropic({ model: 'claude-haiku-4-5' }),
 * })
 * await plimsoll.with({ task: 'answer' }, () => model.invoke('Say hello.'))
 * ```
 * What `bindTools` and `withStructuredOutput` are given is done to the model that is chosen, in its own way. A call whose
 * task lists no `targets` goes to the first that can answer. `response_metadata.plimsoll.target` says which one gave an
 * answer. Nothing is kept between calls.
 *
 * @param models by target id, as `targets` of the configuration has them
 * @param attributes as for `withPlimsoll`
 * @throws {PlimsollError} `invalid-config` for no models
 */
export function routedChatModel(
  plimsoll: Plimsoll,
  models: Readonly<Record<string, BaseChatModel>>,
  attributes: Attributes = {},
): RoutedChatModel {
  if (Object.keys(models).length === 0) {
    const message = 'A routed model needs at least one model to choose.'
    throw new PlimsollError({ code: 'invalid-config', message })
  }
  return new RoutedChatModel({ plimsoll, attributes, models, replayed: [], config: {} })
}

/** Stands for whichever model is listed first. */
const FIRST = undefined

/** What was done to the routed model, and is to be done to the one chosen. */
type Replayed = (model: BaseChatModel) => unknown

interface Routing {
  readonly plimsoll: Plimsoll
  readonly attributes: Attributes
  readonly models: Readonly<Record<string, BaseChatModel>>
  readonly replayed: readonly Replayed[]
  readonly config: Partial<RunnableConfig>
}

// As LangChain types what a schema describes.
// oxlint-disable-next-line typescript/no-explicit-any
type AnyFields = Record<string, any>
type Schema<Output extends AnyFields> = InteropZodType<Output> | SerializableSchema<Output> | AnyFields

/** Made by `routedChatModel`. */
export class RoutedChatModel extends BaseChatModel {
  // Not private by `#`: a proxy around it, as `withPlimsoll` of another Plimsoll makes one, could not be called then.
  private readonly routing: Routing
  private readonly govern: Governor
  private readonly of: Askable
  private readonly chosen = new Map<string, Leading>()

  /** @internal */
  constructor(routing: Routing) {
    super({})
    this.routing = routing
    this.govern = governor(routing.plimsoll, routing.attributes)
    routers.set(this, {
      by: routing.plimsoll,
      bound: (around) =>
        new RoutedChatModel({ ...routing, attributes: { ...around, ...routing.attributes } }),
    })
    this.of = {
      paramsOf: (options) => {
        const { model, options: bound } = this.replay(FIRST)
        return (model.invocationParams({ ...bound, ...options } as CallOptions) ?? {}) as Fields
      },
      modelsOf: () => ({ targets: Object.keys(routing.models) }),
      askingOf: (target, options) => {
        const { model, options: bound } = this.replay(target)
        return { model, options: { ...bound, ...options } as CallOptions }
      },
    }
  }

  static override lc_name(): string {
    return 'RoutedChatModel'
  }

  override _llmType(): string {
    return 'plimsoll'
  }

  override getLsParams(options: CallOptions): LangSmithParams {
    const name = Object.keys(this.routing.models).join('|')
    return { ...super.getLsParams(options), ls_provider: 'plimsoll', ls_model_name: name }
  }

  override bindTools(
    tools: BindToolsInput[],
    kwargs?: Partial<BaseChatModelCallOptions>,
  ): Runnable<BaseLanguageModelInput, AIMessageChunk, BaseChatModelCallOptions> {
    return this.replaying((model) => {
      if (model.bindTools !== undefined) return model.bindTools(tools, kwargs)
      const message = `${model.getName()} cannot be bound to tools: leave it out of the routed model.`
      throw new PlimsollError({ code: 'invalid-config', message })
    })
  }

  override withConfig(config: Partial<BaseChatModelCallOptions>): RoutedChatModel {
    return new RoutedChatModel({ ...this.routing, config: mergeConfigs(this.routing.config, config) })
  }

  override withStructuredOutput<Output extends AnyFields = AnyFields>(
    schema: Schema<Output>,
    config?: StructuredOutputMethodOptions<false>,
  ): Runnable<BaseLanguageModelInput, Output>
  override withStructuredOutput<Output extends AnyFields = AnyFields>(
    schema: Schema<Output>,
    config?: StructuredOutputMethodOptions<true>,
  ): Runnable<BaseLanguageModelInput, { raw: BaseMessage; parsed: Output }>
  override withStructuredOutput(
    schema: Schema<AnyFields>,
    { includeRaw, ...own }: StructuredOutputMethodOptions<boolean> = {},
  ): Runnable<BaseLanguageModelInput, AnyFields> {
    const structured = this.replaying((model) => model.withStructuredOutput(schema, own))
    const parser = RunnableLambda.from(async (message: BaseMessage, options?: RunnableConfig) => {
      const { plimsoll } = message.response_metadata as { plimsoll?: AnswerMarks }
      // A message of ours is in the form of the first.
      const { rest } = structured.replay(plimsoll?.degraded === 'message' ? FIRST : plimsoll?.target)
      let value: unknown = message
      for (const step of rest) value = await step.invoke(value, options)
      return value as Record<string, unknown>
    })
    return assembleStructuredOutputPipeline(structured, parser, includeRaw, 'StructuredOutput')
  }

  override _generate(
    messages: BaseMessage[],
    options: CallOptions,
    manager?: CallbackManagerForLLMRun,
  ): Promise<ChatResult> {
    return this.govern.generate(this.callOf(messages, options, manager))
  }

  override _streamResponseChunks(
    messages: BaseMessage[],
    options: CallOptions,
    manager?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    return this.govern.chunks(this.callOf(messages, options, manager))
  }

  override _streamChatModelEvents(
    messages: BaseMessage[],
    options: CallOptions,
    manager?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatModelStreamEvent> {
    return this.govern.events(this.callOf(messages, options, manager))
  }

  protected override _separateRunnableConfigFromCallOptionsCompat(
    given?: Partial<BaseChatModelCallOptions>,
  ): [RunnableConfig, CallOptions] {
    const { plimsoll, config: bound } = this.routing
    const [config, options] = super._separateRunnableConfigFromCallOptionsCompat(mergeConfigs(bound, given))
    const said = metadataAttributes(this.metadata, config.metadata)
    return [
      config,
      marked(options as CallOptions, { by: [...markOf(options).by, plimsoll], attributes: said }),
    ]
  }

  private callOf(
    messages: BaseMessage[],
    options: CallOptions,
    manager: CallbackManagerForLLMRun | undefined,
  ): Call {
    return { of: this.of, messages, options, manager }
  }

  /** What was done so far is done to one of the models, each to what the one before has made of it. */
  private replay(target: string | undefined): Leading {
    const { models, replayed } = this.routing
    const id = target !== undefined && Object.hasOwn(models, target) ? target : Object.keys(models)[0]!
    let found = this.chosen.get(id)
    if (found === undefined) {
      let made: unknown = models[id]
      for (const one of replayed) made = one(made as BaseChatModel)
      found = leading(made)
      this.chosen.set(id, found)
    }
    return found
  }

  private replaying(one: Replayed): RoutedChatModel {
    return new RoutedChatModel({ ...this.routing, replayed: [...this.routing.replayed, one] })
  }
}
