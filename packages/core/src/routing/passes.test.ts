import { describe, expect, it } from 'vitest'
import type { Call } from '../call/call.ts'
import { PlimsollError } from '../call/errors.ts'
import type { Segment } from '../call/host.ts'
import { overflows, passedOver } from './passes.ts'
import type { Routes } from './routes.ts'

const CLOSED = new PlimsollError({ code: 'circuit-open', message: 'a has failed' })
const TEXT: Segment = { role: 'user', kind: 'text', text: 'hi' }
const TOOLS: Segment = { role: 'system', kind: 'tools', text: '[]' }

function call({
  segments = [TEXT],
  ...own
}: { segments?: readonly Segment[] } & Partial<Call<unknown>> = {}): Call<unknown> {
  const host = { kind: 'generate', segments: () => segments }
  return { target: 'a', request: {}, host, inputTokens: () => 900, ...own } as unknown as Call<unknown>
}

function routes(own: Partial<Routes> = {}): Routes {
  return { contextTokens: () => undefined, lacks: () => [], closedOff: () => undefined, ...own } as Routes
}

describe('a target is passed over', () => {
  it('when the host cannot call it', () => {
    expect(passedOver('a', call({ offered: ['b'] }), routes())).toBe('not-offered')
    expect(passedOver('a', call({ offered: ['b', 'a'] }), routes())).toBeUndefined()
    expect(passedOver('a', call(), routes())).toBeUndefined()
  })

  it('when it lacks what the call needs, and only then', () => {
    const lacking = routes({ lacks: () => ['files', 'tools'] })
    expect(passedOver('a', call({ segments: [TOOLS, TEXT] }), lacking)).toBe('capability')
    expect(passedOver('a', call(), lacking)).toBeUndefined()
    expect(passedOver('a', call({ segments: [TOOLS] }), routes({ lacks: () => ['files'] }))).toBeUndefined()
  })

  it('when its breaker is open', () => {
    const open = routes({ closedOff: (target) => (target === 'a' ? CLOSED : undefined) })
    expect(passedOver('a', call(), open)).toBe('breaker')
    expect(passedOver('b', call(), open)).toBeUndefined()
  })

  it('for what lasts, before what passes', () => {
    const bad = routes({ closedOff: () => CLOSED, lacks: () => ['tools'] })
    expect(passedOver('a', call({ offered: [], segments: [TOOLS] }), bad)).toBe('not-offered')
    expect(passedOver('a', call({ segments: [TOOLS] }), bad)).toBe('capability')
  })
})

describe('a call is too long for its target', () => {
  const context = (tokens: number) => routes({ contextTokens: () => tokens })

  it.each([
    [900, undefined, false],
    [899, undefined, true],
    [1_000, 100, false],
    [1_000, 101, true],
  ])('with a context of %d, for 900 in and %s out: %s', (tokens, maxOutputTokens, expected) => {
    expect(overflows(call({ maxOutputTokens }), context(tokens))).toBe(expected)
  })

  it('never where nobody knows its context', () => {
    expect(overflows(call({ maxOutputTokens: 1e9 }), routes())).toBe(false)
  })
})
