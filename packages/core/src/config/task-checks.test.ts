import { createPlimsoll } from '@plimsoll/core'
import type { PlimsollConfig } from '@plimsoll/core'
import { describe, expect, it } from 'vitest'

const A = 'openai/a'
const validate = () => true

describe('a task that cannot be meant so is refused at once, with the mend', () => {
  it.each([
    [{ targets: [] }, /`tasks.t.targets`.*name at least one target/],
    [{ targets: A }, /`tasks.t.targets` is 'openai\/a'; use a list of targets/],
    [{ strategy: 'random' }, /use order, headroom, cost or latency/],
    [{ target: A }, /`tasks.t.target` is not an option/],
    [{ degrade: ['half'] }, /`tasks.t.degrade\[0\]` is 'half'; use 'stale', 'partial', or an object/],
    [{ degrade: ['stale'] }, /`tasks.t.degrade` has 'stale'; say how old .*staleIfErrorMs/],
    [{ degrade: [{}] }, /`tasks.t.degrade\[0\]`: is no rung/],
    [{ degrade: [{ message: '' }] }, /`tasks.t.degrade\[0\].message` is ''; use a non-empty string/],
    [{ degrade: [{ defer: {} }] }, /`tasks.t.degrade\[0\].defer.push` is undefined; use a queue/],
    [{ degrade: [{ diet: { name: 'lean' } }] }, /cuts nothing: add maxInputTokens/],
    [{ degrade: [{ diet: { maxInputTokens: 5 } }] }, /`tasks.t.degrade\[0\].diet.name`/],
    [{ maxOutputTokens: 0 }, /`tasks.t.maxOutputTokens` is 0/],
    [{ retry: { maxAttempts: 0 } }, /`tasks.t.retry.maxAttempts` is 0/],
    [{ targets: [A], escalate: [A] }, /names openai\/a twice/],
    [{ targets: [A], risk: 'high' }, /add `validate`/],
    [
      { targets: [A], risk: 'high', validate, degrade: [{ message: 'Sorry.' }] },
      /takes no lesser answer: leave out `degrade`/,
    ],
    [
      { targets: [A], escalate: ['openai/b'], risk: 'high', validate },
      /leave out `targets`, which would never be asked/,
    ],
    [{ targets: [A], plans: { pro: { targets: [A, A] } } }, /`tasks.t.plans.pro` names openai\/a twice/],
    [{ plans: { pro: { plans: {} } } }, /`tasks.t.plans.pro.plans` is not an option/],
  ])('%j', (task, message) => {
    const config = { tasks: { t: task } } as unknown as PlimsollConfig
    expect(() => createPlimsoll(config)).toThrow(message)
  })

  it('names targets that are not listed, under strict', () => {
    const tasks = { t: { targets: [A], degrade: [{ target: 'openai/typo' }] } }
    expect(() => createPlimsoll({ strict: true, targets: { [A]: {} }, tasks })).toThrow(
      /`tasks.t` names openai\/typo; `targets` does not list it \(openai\/a\): add it, or turn `strict` off/,
    )
    expect(() => createPlimsoll({ targets: { [A]: {} }, tasks })).not.toThrow()
  })

  it('a plan has what its task has, but for what it says', () => {
    const tasks = { t: { targets: [A], risk: 'high', validate, plans: { pro: { validate } } } } as const
    expect(() => createPlimsoll({ tasks })).not.toThrow()
  })

  it.each([
    [{ workflows: { w: { steps: { s: { timeoutMs: 0 } } } } }, /`workflows.w.steps.s.timeoutMs` is 0/],
    [{ features: { search: true } }, /`features.search`/],
    [{ classifyTask: 'answer' }, /`classifyTask` is 'answer'; use a function/],
    [{ targets: { [A]: { contextTokens: -1 } } }, /contextTokens` is -1/],
    [{ targets: { [A]: { lacks: ['vision'] } } }, /use tools, files or schema/],
  ])('%j', (config, message) => {
    expect(() => createPlimsoll(config as unknown as PlimsollConfig)).toThrow(message)
  })
})
