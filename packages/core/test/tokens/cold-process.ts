// Run in a process of its own by `cold-start.ts`: does something with a text while the process is young, and prints how
// long that held the event loop, stage by stage.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { createPlimsoll } from '@plimsoll/core'
import { countTokens } from '@plimsoll/core/tiktoken'
import { createEstimator } from '../../src/tokens/estimate.ts'
import type { Work } from './cold-start.ts'
import { COLD_TEXTS } from './cold-texts.ts'
import type { ColdText } from './cold-texts.ts'
import { nextTurn, Watch } from './watch.ts'

const MODEL = 'gpt-5'

const WORK: Readonly<Record<Work, (text: string, turns: Watch) => Promise<void>>> = {
  /** One pass over the characters, as plainly as can be. */
  async scan(text, turns) {
    let sum = 0
    await turns.stage('once', () => {
      for (let index = 0; index < text.length; index++) sum += text.charCodeAt(index)
    })
    if (sum === 0) throw new Error('Nothing was read.')
  },

  /** What a turn takes where there is nothing in it but the watch. */
  async nothing(_, turns) {
    await turns.stage('for a while', async () => {
      const from = performance.now()
      while (performance.now() - from < 300) await nextTurn()
    })
  },

  /** What a turn takes beside a thread that does nothing but begin. */
  async 'an empty worker'(_, turns) {
    await turns.stage('at first', async () => {
      const worker = new Worker('', { eval: true, stdout: true, stderr: true })
      await once(worker, 'exit')
    })
  },

  async estimate(text, turns) {
    const estimator = createEstimator()
    await turns.stage('at first', () => estimator.estimate(text, MODEL))
    for (let time = 0; time < 3; time++)
      await turns.stage('again, while the tokenizer loads', () => estimator.estimate(text, MODEL))
    await turns.stage('the tokenizer comes', () => estimator.ready(MODEL))
    await turns.stage('with the tokenizer, at first', () => estimator.estimate(text, MODEL))
    for (let time = 0; time < 30; time++)
      await turns.stage('with the tokenizer, again', () => estimator.estimate(text, MODEL))
  },

  /** What a first call costs whose tokens the caller has counted: nothing of that is counting. */
  async 'call, counted'(_, turns) {
    await turns.stage('at first', calling({ inputTokens: 25_000 }))
  },

  async call(text, turns) {
    await turns.stage('at first', calling({ input: text }))
  },

  async countTokens(text, turns) {
    await turns.stage('at first', () => countTokens(text, { model: MODEL }))
    for (let time = 0; time < 3; time++) await turns.stage('again', () => countTokens(text, { model: MODEL }))
  },
}

function calling(input: { readonly input?: string; readonly inputTokens?: number }): () => Promise<unknown> {
  const plimsoll = createPlimsoll()
  return () =>
    plimsoll.call({ target: `openai/${MODEL}`, ...input }, async () => ({ usage: { inputTokens: 25_000 } }))
}

const [work, kind] = process.argv.slice(2)
// As a text comes from a request: in one piece.
const text = Buffer.from(COLD_TEXTS[kind as ColdText](), 'latin1').toString('latin1')
const turns = new Watch()
await turns.begin()
await WORK[work as Work](text, turns)
console.log(JSON.stringify(await turns.end()))
