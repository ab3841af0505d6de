import { describe, expect, it, vi } from 'vitest'
import type { Reservation } from '../call/ticket.ts'
import { PlimsollError } from '../call/errors.ts'
import { waiter as plain } from '../../test/support/waiters.ts'
import { Waiter } from './waiter.ts'

const refusal = new PlimsollError({ code: 'queue-full', message: 'full' })

function setUp() {
  const owner = {
    leave: vi.fn<(waiter: Waiter, reason: unknown) => void>(),
    listenerFailed: vi.fn<(e: unknown) => void>(),
  }
  const reservation = { cancel: vi.fn<() => void>() } as unknown as Reservation
  return { owner, reservation, waiter: new Waiter(plain().ask, 0, owner) }
}

describe('a ticket', () => {
  it('is queued until there is a word, whoever listens', () => {
    const { waiter } = setUp()
    const states = [0, 1, 2].map(() => {
      const { state, reservation, error } = waiter
      waiter.onChange(() => {})
      return { state, reservation, error }
    })
    const queued = { state: 'queued', reservation: undefined, error: undefined }
    expect(states).toEqual([queued, queued, queued])
    expect([waiter.predictedMs, waiter.inside, waiter.runBegun]).toEqual([-1, false, false])
  })

  it('has a reservation when it is granted, an error when it is rejected, and else neither', () => {
    const [granted, rejected, aborted] = [setUp(), setUp(), setUp()]
    granted.waiter.grant(granted.reservation)
    rejected.waiter.reject('caller', 'budget', refusal)
    aborted.waiter.abort('left')
    const seen = [granted, rejected, aborted].map(({ waiter: { reservation, error } }) => [
      reservation,
      error,
    ])
    expect(seen).toEqual([
      [granted.reservation, undefined],
      [undefined, refusal],
      [undefined, undefined],
    ])
  })

  it('that has one listener tells it once', () => {
    const { waiter, reservation } = setUp()
    const heard = vi.fn<(ticket: unknown) => void>()
    waiter.onChange(heard)
    waiter.grant(reservation)
    expect(heard).toHaveBeenCalledExactlyOnceWith(waiter)
  })

  it('that is granted tells whoever listens, at once, and whoever comes later', async () => {
    const { waiter, reservation } = setUp()
    const heard: string[] = []
    waiter.onChange(({ state }) => heard.push(`early ${state}`))
    waiter.onChange(({ state }) => heard.push(`second ${state}`))
    const ready = waiter.ready
    waiter.grant(reservation)
    waiter.onChange(({ state }) => heard.push(`late ${state}`))
    expect(heard).toEqual(['early granted', 'second granted', 'late granted'])
    expect([await ready, await waiter.ready]).toEqual([
      { kind: 'ok', reservation },
      { kind: 'ok', reservation },
    ])
  })

  it('that is rejected or aborted resolves too: it never rejects its promise', async () => {
    const [rejected, aborted] = [setUp().waiter, setUp().waiter]
    rejected.reject('target', 'queue', refusal)
    aborted.abort('left')
    expect([await rejected.ready, await aborted.ready]).toEqual([
      { kind: 'rejected', side: 'target', by: 'queue', error: refusal },
      { kind: 'aborted', reason: 'left' },
    ])
    expect([rejected.error, rejected.state, aborted.state]).toEqual([refusal, 'rejected', 'aborted'])
  })

  it('leaves the line when it is cancelled while it waits, with its reason', () => {
    const { waiter, owner } = setUp()
    waiter.cancel('bored')
    expect(owner.leave).toHaveBeenCalledExactlyOnceWith(waiter, 'bored')
  })

  it('gives back what was granted when it is cancelled after that', () => {
    const { waiter, owner, reservation } = setUp()
    waiter.grant(reservation)
    waiter.cancel()
    expect(owner.leave).not.toHaveBeenCalled()
    expect(reservation.cancel).toHaveBeenCalledOnce()
  })

  it('is cancelled without harm when it is over', () => {
    const { waiter, owner } = setUp()
    waiter.reject('target', 'queue', refusal)
    waiter.cancel()
    expect([waiter.state, owner.leave.mock.calls]).toEqual(['rejected', []])
  })

  it('tells its owner of a listener that throws, and the other listeners all the same', () => {
    const { waiter, owner, reservation } = setUp()
    const mistake = new Error('a bug of the application')
    const heard = vi.fn<() => void>()
    waiter.onChange(() => {
      throw mistake
    })
    waiter.onChange(heard)
    waiter.grant(reservation)
    expect(owner.listenerFailed).toHaveBeenCalledExactlyOnceWith(mistake)
    expect(heard).toHaveBeenCalledOnce()
  })
})
