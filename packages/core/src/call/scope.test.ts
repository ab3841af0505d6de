import { describe, expect, it } from 'vitest'
import { currentScope, inScope } from './scope.ts'

describe('what holds around a call', () => {
  it('outside of everything is nothing', () => {
    expect(currentScope()).toEqual({
      attributes: {},
      deadline: Infinity,
      run: undefined,
      reservation: undefined,
    })
  })

  it('is what was changed, within what was there, and ends with its function', () => {
    const seen = inScope({ deadline: 5 }, () => inScope({ attributes: { tenant: 'a' } }, currentScope))
    expect(seen).toMatchObject({ deadline: 5, attributes: { tenant: 'a' } })
    expect(currentScope().deadline).toBe(Infinity)
  })

  it('holds across what is awaited, and apart for what runs side by side', async () => {
    const later = async () => {
      await new Promise((done) => setImmediate(done))
      return currentScope().attributes.tenant
    }
    const both = [
      inScope({ attributes: { tenant: 'a' } }, later),
      inScope({ attributes: { tenant: 'b' } }, later),
    ]
    expect(await Promise.all(both)).toEqual(['a', 'b'])
  })
})
