import type { Fields } from '../checks.ts'
import type { Reply, StreamFormat } from './dialect.ts'
import { begun, ended, failed, outputItem, outputText } from './responses-object.ts'
import { sse } from './sse.ts'

const FAILURE = {
  code: 'server_error',
  message: 'The server had an error while processing your request. Sorry about that!',
}

/** A response as events: numbered, and without a `[DONE]` at the end. */
export function streamResponses(reply: Reply): StreamFormat {
  let sequence = 0
  const event = (type: string, fields: Fields): string =>
    sse(type, { sequence_number: sequence++, ...fields })

  const { answer } = reply
  const text = answer.slice(0, answer.tokens)
  const item = outputItem(reply, text)
  const steps = answer.tool ? callSteps(item, event) : messageSteps(item, text, event)
  let hasBegun = false
  let hasContent = false

  /** What comes first, once: keep-alives and errors stand behind it too. */
  function begin(): string {
    if (hasBegun) return ''
    hasBegun = true
    const response = begun(reply)
    return event('response.created', { response }) + event('response.in_progress', { response })
  }

  function openItem(): string {
    if (hasContent) return ''
    hasContent = true
    return steps.open()
  }

  return {
    keepAlive: () => begin() + event('keepalive', {}),
    open: begin,
    piece: (piece) => openItem() + steps.piece(piece),
    close() {
      const response = ended(reply, item)
      return (
        openItem() +
        steps.close() +
        event('response.output_item.done', { output_index: 0, item }) +
        event(`response.${String(response['status'])}`, { response })
      )
    },
    error: () =>
      begin() +
      event('error', { error: { type: 'server_error', ...FAILURE, param: null } }) +
      event('response.failed', { response: failed(reply, FAILURE) }),
  }
}

type WriteEvent = (type: string, fields: Fields) => string
type Steps = Pick<StreamFormat, 'open' | 'piece' | 'close'>

function messageSteps(item: Fields, text: string, event: WriteEvent): Steps {
  const at = { item_id: item['id'], output_index: 0, content_index: 0 }
  const started = { ...item, status: 'in_progress', content: [] }
  return {
    open: () =>
      event('response.output_item.added', { output_index: 0, item: started }) +
      event('response.content_part.added', { ...at, part: outputText('') }),
    piece: (delta) => event('response.output_text.delta', { ...at, delta, logprobs: [] }),
    close: () =>
      event('response.output_text.done', { ...at, text, logprobs: [] }) +
      event('response.content_part.done', { ...at, part: outputText(text) }),
  }
}

function callSteps(item: Fields, event: WriteEvent): Steps {
  const at = { item_id: item['id'], output_index: 0 }
  const started = { ...item, status: 'in_progress', arguments: '' }
  return {
    open: () => event('response.output_item.added', { output_index: 0, item: started }),
    piece: (delta) => event('response.function_call_arguments.delta', { ...at, delta }),
    close: () =>
      event('response.function_call_arguments.done', {
        ...at,
        name: item['name'],
        arguments: item['arguments'],
      }),
  }
}
