import { describe, expect, it } from 'vitest'
import { FunctionHost, inputSegments } from './call-host.ts'

const host = new FunctionHost(
  async ({ target, attempt }) => `${target} ${attempt}`,
  () => ({ inputTokens: 5 }),
)

describe('the host of any function', () => {
  it('calls it with its target, its signal and the number of the attempt', async () => {
    const opened = await host.open('input', new AbortController().signal, { target: 'a/b', attempt: 2 })
    expect(opened).toEqual({ value: 'a/b 2' })
  })

  it('reads the usage of its answer', () => {
    expect(host.parts('answer')).toEqual({
      kind: 'whole',
      info: { content: true, usage: { inputTokens: 5 } },
    })
  })

  it('has an answer although its usage cannot be read, or is none', () => {
    const failing = new FunctionHost(
      async () => 1,
      () => {
        throw new Error('a bug of the application')
      },
    )
    expect(failing.parts(1)).toEqual({ kind: 'whole', info: { content: true } })
    expect(
      new FunctionHost(
        async () => 1,
        () => undefined,
      ).parts(1),
    ).toEqual({ kind: 'whole', info: { content: true } })
  })

  it('says a message as its answer, or the object that was asked for', () => {
    expect([host.message('sorry'), host.message('sorry', { ok: false })]).toEqual(['sorry', { ok: false }])
  })

  it('keeps an answer, and copies it so that either may be changed', () => {
    const answer = { text: ['a'] }
    const keeping = new FunctionHost(
      async () => answer,
      () => undefined,
    )
    expect(keeping.decode(JSON.parse(JSON.stringify(keeping.encode(answer))))).toEqual(answer)
    expect(keeping.copy(answer)).toEqual(answer)
    expect(keeping.copy(answer).text).not.toBe(answer.text)
  })

  it('shortens an input to the texts that are kept', () => {
    const segments = host.segments(['a', 'b', 'c'])
    expect(host.withSegments(['a', 'b', 'c'], [segments[0]!, segments[2]!])).toBe('a\nc')
  })
})

describe('an input', () => {
  const textsOf = (input: unknown) => inputSegments(input).map(({ text }) => text)

  it('is a text, texts, or what can be written as JSON', () => {
    expect(textsOf('a')).toEqual(['a'])
    expect(textsOf(['a', 'b'])).toEqual(['a', 'b'])
    expect(textsOf([{ role: 'user', content: 'a' }])).toEqual(['[{"role":"user","content":"a"}]'])
    expect(textsOf(undefined)).toEqual([])
  })

  it.each([() => 1, 10n, Symbol('s')])('that is no data is refused with the mend: %o', (input) => {
    expect(() => inputSegments(input)).toThrow(/`input` cannot be written as JSON.*`inputTokens`/)
  })
})
