import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import o200k from 'js-tiktoken/ranks/o200k_base'
import { describe, expect, test } from 'vitest'
import { PlimsollError } from '../call/errors.ts'
import { buildRankTable } from './build-rank-table.ts'
import { createEncoder } from './encoder.ts'
import { samples } from './samples.fixture.ts'
import * as tiktoken from './tiktoken.ts'
import { countTokens } from './tiktoken.ts'

const encoder = createEncoder(buildRankTable(o200k))
const MODEL = { model: 'gpt-5' }

test('one name can be imported', () => {
  expect(Object.keys(tiktoken)).toEqual(['countTokens'])
})

describe('a count', () => {
  test.each(Object.entries(samples()))('of %s is exact', async (_, text) => {
    expect(await countTokens(text, MODEL)).toBe(encoder.count(text))
  })

  test('of several texts is the sum of theirs', async () => {
    const texts = ['', ...Object.values(samples()), '']
    expect(await countTokens(texts, MODEL)).toBe(texts.reduce((sum, text) => sum + encoder.count(text), 0))
    expect(await countTokens([], MODEL)).toBe(0)
    expect(await countTokens('', MODEL)).toBe(0)
  })

  test('of a text that is handed over in slices is that of the whole', async () => {
    const long = Object.values(samples()).join('\n').repeat(30)
    expect(long.length).toBeGreaterThan(600_000)
    // One that would be cut within a word, a number, and a pair; and shorter ones around it.
    const texts = ['a', `${long}${'x'.repeat(300_001)}${'😀'.repeat(300_000)}`, 'b']
    const expected = texts.reduce((sum, text) => sum + encoder.count(text), 0)
    expect(await countTokens(texts, MODEL)).toBe(expected)
  })

  test('is in the encoding of the model', async () => {
    const text = '中文 tokens'.repeat(5)
    const [newer, older] = await Promise.all([
      countTokens(text, { model: 'openai/gpt-5' }),
      countTokens(text, { model: 'gpt-4' }),
    ])
    expect(newer).toBe(encoder.count(text))
    expect(older).toBeGreaterThan(newer)
  })

  test('of many at once is each its own', async () => {
    const texts = Array.from({ length: 200 }, (_, index) => 'load line '.repeat(index))
    const counts = await Promise.all(texts.map((text) => countTokens(text, MODEL)))
    expect(counts).toEqual(texts.map((text) => encoder.count(text)))
  })
})

describe('a signal', () => {
  const long = 'The line painted on the hull. '.repeat(100_000)

  test('that is aborted already is not counted for', async () => {
    const signal = AbortSignal.abort(new Error('gone'))
    await expect(countTokens(long, { ...MODEL, signal })).rejects.toThrow('gone')
  })

  test('rejects at once, while counting and while waiting; the others are counted', async () => {
    const controller = new AbortController()
    const { signal } = controller
    const order: string[] = []
    const note = (name: string) => (value: unknown) => {
      order.push(`${name}: ${String(value)}`)
    }
    const counting = countTokens(long, { ...MODEL, signal }).catch(note('counting'))
    const waiting = countTokens('short', { ...MODEL, signal }).catch(note('waiting'))
    const other = countTokens('hello world', MODEL).then(note('other'))
    await new Promise((resolve) => setTimeout(resolve, 20))
    controller.abort('enough')
    await Promise.all([counting, waiting, other])
    expect(order).toEqual(['counting: enough', 'waiting: enough', 'other: 2'])
    expect(await countTokens(long, MODEL)).toBe(encoder.count(long))
  })

  test('is let go of when the count is there', async () => {
    const controller = new AbortController()
    let listeners = 0
    const { signal } = controller
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners++
      add(...args)
    }
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners--
      remove(...args)
    }
    expect(await countTokens('hello world', { ...MODEL, signal })).toBe(2)
    expect(listeners).toBe(0)
    controller.abort()
    expect(await countTokens('hello', MODEL)).toBe(1)
  })
})

describe('a mistake', () => {
  test.each([undefined, null, 5, {}])('%s is no text', async (text) => {
    const refused = countTokens([text as unknown as string], MODEL)
    await expect(refused).rejects.toThrow(PlimsollError)
    await expect(refused).rejects.toThrow('`text[0]` is')
  })

  test.each([undefined, null, 5, {}])('%s neither', async (text) => {
    await expect(countTokens(text as unknown as string, MODEL)).rejects.toThrow('`text` is')
  })

  test.each([undefined, null, 5])('%s is no model', async (model) => {
    await expect(countTokens('x', { model: model as unknown as string })).rejects.toThrow('`model` is')
  })
})

describe('in a process of its own', () => {
  const SOURCE = JSON.stringify(new URL('./tiktoken.ts', import.meta.url).href)

  async function run(program: string, ...flags: readonly string[]): Promise<unknown> {
    const folder = await mkdtemp(join(tmpdir(), 'plimsoll-count-'))
    try {
      const file = join(folder, 'program.mjs')
      writeFileSync(file, `import { countTokens } from ${SOURCE}\n${program}`)
      const { stdout } = await promisify(execFile)(process.execPath, [...flags, file], { timeout: 25_000 })
      return JSON.parse(stdout)
    } finally {
      await rm(folder, { recursive: true })
    }
  }

  test('the thread that counts does not keep it alive', async () => {
    const program = `const count = await countTokens('hello world', { model: 'gpt-5' })
      console.log(JSON.stringify({ count }))`
    expect(await run(program)).toEqual({ count: 2 })
  })

  test('whoever waits for a count keeps it alive', async () => {
    const program = `countTokens('hello world', { model: 'gpt-5' }).then((count) => console.log(JSON.stringify({ count })))`
    expect(await run(program)).toEqual({ count: 2 })
  })

  test('a thread that ends is told of to whoever waits, and the next count starts another', async () => {
    // Every thread that is started is known by the event; the first that counts is ended at work.
    const program = `
      const workers = []
      process.on('worker', (worker) => workers.push(worker))
      await countTokens('warm', { model: 'gpt-5' })
      const counting = workers.length
      const long = countTokens('a'.repeat(2_000_000), { model: 'gpt-5' }).catch((error) => error)
      const next = countTokens('hello world', { model: 'gpt-5' })
      setTimeout(() => workers.at(-1).terminate(), 50)
      const error = await long
      const idle = await next
      await workers.at(-1).terminate()
      const again = await countTokens('hello', { model: 'gpt-5' })
      console.log(JSON.stringify({ message: error.message, cause: error.cause.message, idle, again, more: workers.length - counting }))`
    expect(await run(program)).toEqual({
      message: expect.stringContaining('could not be counted exactly'),
      cause: 'The worker that counts tokens has ended.',
      idle: 2,
      again: 1,
      more: 2,
    })
  })

  test('a thread that ends before it is asked is told of too', async () => {
    const program = `
      let workers = 0
      process.on('worker', (worker) => {
        // The first reads the ranks, which takes it longer.
        if (++workers === 2) worker.terminate()
      })
      const error = await countTokens('x', { model: 'gpt-5' }).catch((reason) => reason)
      console.log(JSON.stringify({ cause: error.cause.message, next: await countTokens('hello world', { model: 'gpt-5' }) }))`
    expect(await run(program)).toEqual({ cause: 'The worker that counts tokens has ended.', next: 2 })
  })

  test('where there are no threads, the error says what to do', async () => {
    const program = `
      const error = await countTokens('x', { model: 'gpt-5' }).catch((reason) => reason)
      console.log(JSON.stringify({ message: error.message, code: error.cause.code }))`
    expect(await run(program, '--permission', '--allow-fs-read=*')).toEqual({
      message: expect.stringContaining('--allow-worker'),
      code: 'ERR_ACCESS_DENIED',
    })
    const without = `process.getBuiltinModule = undefined\n${program}`
    expect(await run(without)).toEqual({ message: expect.stringContaining('worker thread') })
  })

  describe('whoever leaves', () => {
    // Leaves as the second slice is handed over, by when the thread may have answered.
    const leaving = (length: number) => `
      const model = 'gpt-5'
      let started = 0
      let posts = 0
      let leave
      process.on('worker', (worker) => {
        started++
        const post = worker.postMessage.bind(worker)
        worker.postMessage = (...message) => {
          post(...message)
          if (++posts === 2) leave?.()
        }
      })
      await countTokens('warm', { model })
      const before = started
      posts = 0
      const controller = new AbortController()
      leave = () => {
        for (const until = performance.now() + 200; performance.now() < until; );
        controller.abort('enough')
      }
      const left = countTokens('ab'.repeat(${length / 2}), { model, signal: controller.signal }).catch((reason) => reason)
      const next = await countTokens('hello world', { model })
      console.log(JSON.stringify({ left: await left, next, posts, started: started - before }))`

    test('a count that is long ends its thread, so that the next need not wait', async () => {
      expect(await run(leaving(2_097_152))).toMatchObject({ left: 'enough', next: 2, started: 1 })
    })

    test('a shorter one has no more of it counted, and leaves nothing behind', async () => {
      expect(await run(leaving(2_097_150))).toEqual({ left: 'enough', next: 2, posts: 3, started: 0 })
    })
  })
})
