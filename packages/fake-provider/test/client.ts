import { type FakeProvider, type FakeProviderOptions, startFakeProvider } from '../src/index.ts'

export interface Answer {
  status: number
  headers: Headers
  text: string
  json: Body
}

type Some<T> = [T, ...T[]]

interface ToolCall {
  id: string
  type: string
  index: number
  function: { name: string; arguments: string }
}

interface Said {
  role: string
  content: string
  tool_calls: Some<ToolCall>
}

interface Usage {
  prompt_tokens: number
  completion_tokens: number
  total_tokens: number
  prompt_tokens_details: { cached_tokens: number }
  input_tokens: number
  output_tokens: number
  cache_read_input_tokens: number
  cache_creation_input_tokens: number
  cache_creation: { ephemeral_5m_input_tokens: number; ephemeral_1h_input_tokens: number }
  input_tokens_details: { cached_tokens: number }
}

/** An item of a response's output. */
interface Item {
  id: string
  type: string
  status: string
  call_id: string
  arguments: string
  content: Some<{ text: string }>
}

interface ResponseObject {
  status: string
  output: Some<Item>
  usage: Usage
  service_tier: string
}

/** What either API may answer: a test reads the fields of the one it asked. */
export interface Body extends ResponseObject {
  choices: Some<{ finish_reason: string; message: Said; delta: Said }>
  data: Some<{ index: number; embedding: number[] & string }>
  type: string
  content: Some<{ id: string; text: string }>
  response: ResponseObject
  item: Item
  sequence_number: number
  stop_reason: string
  message: { usage: Usage }
  delta?: string & { text?: string; partial_json?: string }
  error: { message: string; type: string; code: string | null; param: string | null }
}

/** Answers at once: tests are about what is said, not when. */
export const QUICK = { ttftMs: 1, ttftSigma: 0, tokensPerSecond: 100_000 }

export async function start(options: FakeProviderOptions = {}): Promise<FakeProvider> {
  return startFakeProvider({ models: { '*': QUICK }, ...options })
}

export async function post(
  provider: FakeProvider,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(provider.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  return read(response)
}

export async function read(response: Response): Promise<Answer> {
  const text = await response.text()
  const type = response.headers.get('content-type') ?? ''
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: (type.startsWith('application/json') ? parse(text) : undefined) as Body,
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export function chat(
  provider: FakeProvider,
  content: unknown,
  more: Record<string, unknown> = {},
): Promise<Answer> {
  return post(provider, '/v1/chat/completions', {
    model: 'm',
    messages: [{ role: 'user', content }],
    ...more,
  })
}

export function message(
  provider: FakeProvider,
  content: unknown,
  more: Record<string, unknown> = {},
): Promise<Answer> {
  const body = { model: 'm', max_tokens: 100, messages: [{ role: 'user', content }], ...more }
  return post(provider, '/v1/messages', body)
}

export function respond(
  provider: FakeProvider,
  input: unknown,
  more: Record<string, unknown> = {},
): Promise<Answer> {
  return post(provider, '/v1/responses', { model: 'm', input, ...more })
}

/** The data of every event, `[DONE]` left out. */
export function events(text: string): Some<Body> {
  return text
    .split('\n')
    .filter((line) => line.startsWith('data: ') && line !== 'data: [DONE]')
    .map((line) => JSON.parse(line.slice(6)) as Body) as Some<Body>
}

/** Runs a task so many times, one after the other. */
export async function inTurn<T>(times: number, task: () => Promise<T>): Promise<T[]> {
  if (times === 0) return []
  const first = await task()
  return [first, ...(await inTurn(times - 1, task))]
}
