import { describe, expect, test } from 'vitest'
import { holds, MINUTE } from './expected.fixture.ts'
import { providerId } from './ids.ts'
import { vertex } from './vertex.ts'

describe('Vertex AI', () => {
  holds(vertex, {
    names: [
      'google.vertex.chat',
      'google.vertex.embedding',
      'vertex.anthropic.messages',
      'google_vertexai',
      'gcp.vertex_ai',
      'vertexai',
      'ChatVertexAI',
    ],
    scopes: [],
    headers: [['none are its own', { 'x-ratelimit-limit-requests': '10' }, []]],
    errors: [
      [
        'limited',
        { status: 429, type: 'RESOURCE_EXHAUSTED', message: 'Resource exhausted. Please try again later.' },
        { class: 'rate-limit', status: 429 },
      ],
      [
        'limited, with a wait in its details',
        { status: 429, type: 'RESOURCE_EXHAUSTED', retryDelay: '3s' },
        { class: 'rate-limit', status: 429, retryAfterMs: 3_000 },
      ],
      ['overloaded', { status: 503, type: 'UNAVAILABLE' }, { class: 'overloaded', status: 503 }],
    ],
    charges: [
      {
        what: 'what was used',
        call: [1_000, 400, 100],
        reserved: [1_400, 1_000, 400],
        used: [1_000, 50],
        settled: [1_050, 1_000, 50],
      },
    ],
  })

  test('is not the Gemini API', () => {
    expect([providerId('google.vertex.chat'), providerId('google.generative-ai')]).toEqual([
      'vertex',
      'google',
    ])
    expect(vertex.counting('requests', MINUTE)).toEqual({ algorithm: 'sliding-window' })
  })
})
