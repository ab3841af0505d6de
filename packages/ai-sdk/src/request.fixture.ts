import type { LanguageModelV4CallOptions } from '@ai-sdk/provider'

const bytes = new Uint8Array([1, 2, 3])

/** One of everything that a prompt may hold. */
export const REQUEST: LanguageModelV4CallOptions = {
  prompt: [
    { role: 'system', content: 'Be kind.' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'What is this?' },
        { type: 'file', mediaType: 'image/png', data: { type: 'data', data: bytes } },
        {
          type: 'file',
          mediaType: 'image/*',
          data: { type: 'url', url: new URL('https://a.example/b.png') },
        },
      ],
    },
    {
      role: 'assistant',
      content: [
        { type: 'reasoning', text: 'Let me look.' },
        { type: 'custom', kind: 'a.b' },
        { type: 'tool-call', toolCallId: 'c1', toolName: 'look', input: { at: 'it' } },
      ],
    },
    {
      role: 'tool',
      content: [
        {
          type: 'tool-result',
          toolCallId: 'c1',
          toolName: 'look',
          output: { type: 'json', value: { is: 'a cat' } },
        },
        { type: 'tool-approval-response', approvalId: 'a1', approved: true },
      ],
    },
    { role: 'assistant', content: [{ type: 'text', text: 'A cat.' }] },
    { role: 'user', content: [{ type: 'text', text: 'Thank you' }] },
  ],
  tools: [
    { type: 'function', name: 'look', inputSchema: { type: 'object' } },
    { type: 'provider', id: 'openai.web_search', name: 'search', args: {} },
  ],
  responseFormat: { type: 'json', schema: { type: 'object' } },
  temperature: 0,
  abortSignal: new AbortController().signal,
  headers: { authorization: 'secret' },
  providerOptions: { openai: { user: 'u' }, plimsoll: { task: 't' } },
}
