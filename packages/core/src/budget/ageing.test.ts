import { describe, expect, it } from 'vitest'
import { Ageing } from './ageing.ts'

describe('credit of lower classes', () => {
  it('is a tenth of what is granted in turn', () => {
    const ageing = new Ageing()
    ageing.spend(10)
    for (let grant = 0; grant < 9; grant++) ageing.earn(10, 1_000)
    expect(ageing.owing).toBe(true)
    ageing.earn(10, 1_000)
    expect(ageing.owing).toBe(false)
  })

  it('is no more than that, however large the bucket', () => {
    const ageing = new Ageing()
    ageing.earn(10, 1_000)
    ageing.spend(2)
    expect(ageing.owing).toBe(true)
  })

  it('is capped at a tenth of the bucket, so that it is not saved up for a flood', () => {
    const ageing = new Ageing()
    for (let grant = 0; grant < 1_000; grant++) ageing.earn(100, 500)
    ageing.spend(50)
    expect(ageing.owing).toBe(false)
    ageing.spend(1)
    expect(ageing.owing).toBe(true)
  })

  it('of a bucket that shrank is no more than a tenth of it', () => {
    const ageing = new Ageing()
    ageing.earn(1_000, 1_000)
    ageing.earn(0, 100)
    ageing.spend(11)
    expect(ageing.owing).toBe(true)
  })
})

it('a class that is lifted stays so until it is granted or lowered', () => {
  const ageing = new Ageing()
  ageing.lift(2)
  ageing.earn(10, 100)
  expect(ageing.lifted).toBe(2)
  ageing.spend(1)
  expect(ageing.lifted).toBeUndefined()
  ageing.lift(1)
  ageing.lower()
  expect(ageing.lifted).toBeUndefined()
})
