import type { PartInfo } from '@plimsoll/core'
import { describe, expect, it } from 'vitest'
import { HOUR, sleep, TARGET } from '../support/caching.ts'
import { fleet } from '../support/fleet.ts'
import type { FleetOptions } from '../support/fleet.ts'
import { opened, outcomeOf, parts, streamHost } from '../support/set-up.ts'

/** So many processes of a fleet, and how often they have called in all. */
function processes(count: number, options: FleetOptions = {}) {
  const all = fleet(options)
  const each = Array.from({ length: count }, () => all.process())
  const calls = () => each.map(({ seen }) => seen.calls)
  return { ...all, each, calls }
}

describe('the same call in other processes', () => {
  it('is made by one of them, and answered as a twin in all others', async () => {
    const { clock, each, calls } = processes(3)
    const answers = each.flatMap(({ ask }) => [ask('q'), ask('q')])
    await clock.advance(1_100)
    expect(await Promise.all(answers)).toEqual(answers.map(() => ({ n: 1 })))
    expect(calls()).toEqual([1, 0, 0])
    expect(each.map(({ caches }) => caches())).toEqual([
      ['none', 'joined'],
      ['joined', 'joined'],
      ['joined', 'joined'],
    ])
    expect(each[1]!.events.some(({ type }) => type === 'cache.hit')).toBe(false)
    const [twin] = each[1]!.records()
    expect(twin).toMatchObject({ attempts: 0, usage: { inputTokens: 0, outputTokens: 0 }, costUsd: 0 })
    expect(each[1]!.plimsoll.report().rows[0]).toMatchObject({ requests: 2, joinedRate: 1 })
  })

  it('is not asked about by who finds the answer', async () => {
    const { clock, each, calls, asked } = processes(2)
    const first = each[0]!.ask('q')
    await clock.advance(1_100)
    await first
    const second = each[1]!.ask('q')
    await clock.advance(100)
    expect([await second, calls(), each[1]!.caches()]).toEqual([{ n: 1 }, [1, 0], ['hit']])
    expect(asked.map((what) => what.split(' ')[0])).toEqual(['lead', 'unlead'])
  })

  it('is not made again by who looked just before the answer was there', async () => {
    let over = 0
    for (let ms = 1_000; ms < 1_030; ms++) {
      const { clock, each, calls, asked } = processes(2, {
        delayMs: ({ type }) => (type === 'lead' ? 10 : 2),
      })
      const first = each[0]!.ask('q')
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await clock.advance(ms)
      const second = each[1]!.ask('q')
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await clock.advance(1_000)
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect([await first, await second, calls()]).toEqual([{ n: 1 }, { n: 1 }, [1, 0]])
      const kinds = asked.map((what) => what.split(' ')[0]).join(' ')
      if (kinds === 'lead unlead lead') over++
    }
    expect(over).toBeGreaterThan(0)
  })

  it('is told by nobody but the store: it is asked again when a claim may have run out, and no sooner', async () => {
    const { clock, each, calls, asked } = processes(2, { ms: 60_000 })
    const first = each[0]!.ask('q')
    await clock.advance(10)
    const second = each[1]!.ask('q')
    await clock.advance(70_000)
    expect([await first, await second, calls()]).toEqual([{ n: 1 }, { n: 1 }, [1, 0]])
    const [leader, follower] = [...new Set(asked.map((what) => what.split(' ')[1]))]
    const timesOf = (holder: string | undefined) => asked.filter((what) => what === `lead ${holder}`).length
    // A claim is told again after a third of its 5 s; who follows asks when what is left of it has passed.
    expect(timesOf(leader)).toBe(36)
    expect(timesOf(follower)).toBeGreaterThanOrEqual(60 / 5)
    expect(timesOf(follower)).toBeLessThanOrEqual(Math.ceil((60 / 5) * 1.5) + 1)
  })

  it('is answered though no message arrives: later, and once', async () => {
    const { clock, each, calls, does } = processes(2)
    does.losesMessages = true
    const answers = each.map(({ ask }) => ask('q'))
    await clock.advance(1_100)
    await answers[0]
    await clock.advance(5_000)
    expect([await answers[1], calls()]).toEqual([{ n: 1 }, [1, 0]])
  })

  it('is each tenant’s own, unless the task shares its answers', async () => {
    const tasks = {
      faq: { cache: { ttlMs: HOUR } },
      all: { cache: { ttlMs: HOUR, scope: 'shared' } },
    } as const
    const { clock, each, calls } = processes(2, { config: { tasks } })
    const [one, two] = each
    const own = [one!.ask('q', { tenant: 'acme' }), two!.ask('q', { tenant: 'other' })]
    await clock.advance(1_100)
    await Promise.all(own)
    expect(calls()).toEqual([1, 1])
    const all = [
      one!.ask('p', { tenant: 'acme', task: 'all' }),
      two!.ask('p', { tenant: 'other', task: 'all' }),
    ]
    await clock.advance(1_100)
    await Promise.all(all)
    expect(calls()).toEqual([2, 1])
  })

  it('after a purge is another call', async () => {
    const { clock, each, calls } = processes(2)
    const [one, two] = each
    const before = one!.ask('q', { tenant: 'acme' })
    await clock.advance(100)
    const purged = two!.plimsoll.cache.purge({ tenant: 'acme' })
    await clock.advance(10)
    await purged
    const after = two!.ask('q', { tenant: 'acme' })
    await clock.advance(1_100)
    await Promise.all([before, after])
    expect(calls()).toEqual([1, 1])
  })

  it('is replayed as a stream where it was one', async () => {
    const { clock, each } = processes(2)
    let sources = 0
    const host = streamHost(() => {
      sources++
      return parts({ content: true, bytes: 5 }, { finish: 'stop', usage: { inputTokens: 5 } })
    })
    const call = {
      host,
      request: 'q',
      target: TARGET,
      attributes: { task: 'faq' },
      maxOutputTokens: 10,
    } as const
    const leading = each[0]!.plimsoll.execute(call)
    await clock.advance(10)
    const following = each[1]!.plimsoll.execute(call)
    await clock.advance(10)
    const read = async (outcome: typeof leading): Promise<PartInfo[]> => {
      const all: PartInfo[] = []
      const { value } = await opened(outcome)
      for (let next = await value.next(); next.done !== true; next = await value.next())
        all.push(next.value as PartInfo)
      return all
    }
    const first = await read(leading)
    await clock.advance(10)
    expect(await read(following)).toEqual(first)
    expect([sources, (await opened(following)).marks]).toEqual([1, { cache: 'joined' }])
  })

  it('is refreshed by one of them', async () => {
    const tasks = { faq: { cache: { ttlMs: 10_000, staleWhileRevalidateMs: 60_000 } } }
    const { clock, each, calls } = processes(3, { config: { tasks } })
    for (const { asked } of each) await asked('q')
    await clock.advance(12_000)
    const stale = each.map(({ ask }) => ask('q'))
    await clock.advance(1_100)
    expect(await Promise.all(stale)).toEqual([{ n: 1 }, { n: 1 }, { n: 1 }])
    for (const { asked } of each) expect(await asked('q')).toEqual({ n: 2 })
    expect(calls()).toEqual([2, 0, 0])
  })
})

describe('whoever leads', () => {
  const spent = { budgets: [{ per: 'user', requests: 1, every: 'day' }], queue: { maxWaitMs: 50 } } as const

  it('and is refused for its own sake lets the next one lead', async () => {
    const { clock, each, calls } = processes(3, {
      config: { ...spent, tasks: { faq: { cache: { ttlMs: HOUR } } } },
    })
    const used = each[0]!.ask('other', { user: 'a' })
    await clock.advance(1_100)
    await used
    const [refused, ...others] = each.map(({ ask }, index) =>
      outcomeOf(ask('q', { user: index === 0 ? 'a' : 'b' })),
    )
    await clock.advance(1_100)
    expect([await refused, await Promise.all(others)]).toEqual(['wait-too-long', [{ n: 1 }, { n: 1 }]])
    expect(calls()).toEqual([1, 1, 0])
  })

  it('and leaves lets the next one lead, at once', async () => {
    const { clock, each, calls } = processes(3)
    const controller = new AbortController()
    const left = outcomeOf(each[0]!.ask('q', { signal: controller.signal }))
    const others = each.slice(1).map(({ ask }) => ask('q'))
    await clock.advance(100)
    controller.abort(new Error('left'))
    await clock.advance(1_100)
    expect([await left, await Promise.all(others)]).toEqual(['left', [{ n: 1 }, { n: 1 }]])
    expect([calls(), each[0]!.seen.aborted]).toEqual([[1, 1, 0], 1])
  })

  it('and dies is waited for no longer than its claim lasts, and is followed by one', async () => {
    const { clock, each, calls } = processes(4)
    const answers = each.map(({ ask }) => ask('q'))
    answers[0]!.catch(() => {})
    await clock.advance(100)
    each[0]!.dies()
    await clock.advance(5_000 + 600 + 1_000)
    expect(await Promise.all(answers.slice(1))).toEqual([{ n: 1 }, { n: 1 }, { n: 1 }])
    expect(calls().slice(1).toSorted()).toEqual([0, 0, 1])
  })

  it('and fails keeps nobody waiting any longer: each calls for itself', async () => {
    const { clock, each } = processes(3, {
      config: { tasks: { faq: { cache: { ttlMs: HOUR } } }, retry: { maxAttempts: 1 } },
    })
    let calls = 0
    const answers = each.map(({ plimsoll }, index) =>
      outcomeOf(
        plimsoll.call({ target: TARGET, task: 'faq', input: 'q', maxOutputTokens: 10 }, async () => {
          calls++
          await sleep(clock, 1_000)
          if (index === 0) throw new Error('down')
          return index
        }),
      ),
    )
    await clock.advance(1_050)
    expect(calls).toBe(3)
    await clock.advance(1_000)
    expect(await Promise.all(answers)).toEqual(['down', 1, 2])
  })

  it('and is answered what is not kept keeps nobody waiting either', async () => {
    const { clock, each, calls } = processes(3, {
      config: {
        tasks: { faq: { cache: { ttlMs: HOUR } } },
        cache: { secret: 's'.repeat(20), maxEntryBytes: 5 },
      },
    })
    const answers = each.map(({ ask }) => ask('q'))
    await clock.advance(2_050)
    await Promise.all(answers)
    expect(calls()).toEqual([1, 1, 1])
  })

  it('yields to who is more urgent while its call is not sent, and not after', async () => {
    const limits = { targets: { [TARGET]: { limits: { concurrency: 1 } } } }
    const { clock, each, calls } = processes(2, {
      config: { ...limits, tasks: { faq: { cache: { ttlMs: HOUR } } } },
      ms: 3_000,
    })
    const [one, two] = each
    const waits = one!.ask('other')
    await clock.advance(10)
    const low = one!.ask('q', { priority: 'low' })
    await clock.advance(100)
    const high = two!.ask('q', { priority: 'high' })
    await clock.advance(3_100)
    await waits
    await clock.advance(10_000)
    await Promise.all([low, high])
    expect(calls()).toEqual([2, 1])
    const sent = one!.ask('p', { priority: 'low' })
    await clock.advance(2_000)
    const after = two!.ask('p', { priority: 'high' })
    await clock.advance(10_000)
    await Promise.all([sent, after])
    expect(calls()).toEqual([3, 1])
  })

  it('has given its claim up once it is flushed', async () => {
    const { clock, each, asked } = processes(1)
    const answer = each[0]!.ask('q')
    await clock.advance(1_008)
    await answer
    let before: string | undefined
    const flushed = each[0]!.plimsoll.flush().then(() => (before = asked.at(-1)))
    await clock.advance(20)
    await flushed
    expect(before).toMatch(/^unlead/)
  })
})

describe('whoever follows', () => {
  it('may leave at once, and nobody else is touched', async () => {
    const { clock, each, calls } = processes(2)
    const controller = new AbortController()
    const leading = each[0]!.ask('q')
    await clock.advance(10)
    const left = outcomeOf(each[1]!.ask('q', { signal: controller.signal }))
    await clock.advance(100)
    controller.abort(new Error('left'))
    expect(await left).toBe('left')
    await clock.advance(1_000)
    expect([await leading, calls(), each[1]!.plimsoll.state()]).toEqual([
      { n: 1 },
      [1, 0],
      { waiting: 0, reservations: 0 },
    ])
    expect(await each[1]!.plimsoll.drain()).toEqual({ waiting: 0, reservations: 0 })
  })

  it('waits no longer than its deadline, each for its own', async () => {
    const { clock, each, calls } = processes(2, { ms: 10_000 })
    const leading = each[0]!.ask('q')
    await clock.advance(10)
    const times: number[] = []
    const ask = (deadlineMs?: number) =>
      outcomeOf(each[1]!.ask('q', { deadlineMs })).then((outcome) => {
        times.push(clock.now())
        return outcome
      })
    const lone = ask(200)
    await clock.advance(200)
    expect([await lone, times.splice(0)]).toEqual(['deadline-exceeded', [210]])
    const late = [ask(500), ask(1_000)]
    await clock.advance(100)
    late.push(ask(300))
    await clock.advance(1_000)
    expect(await Promise.all(late)).toEqual(Array(3).fill('deadline-exceeded'))
    late.push(ask(500))
    await clock.advance(100)
    late.push(ask(2_000))
    await clock.advance(3_000)
    expect(await Promise.all(late)).toEqual(Array(5).fill('deadline-exceeded'))
    expect(times).toEqual([610, 710, 1_210, 1_810, 3_410])
    const patient = ask()
    await clock.advance(10_000)
    expect([await leading, await patient, calls()]).toEqual([{ n: 1 }, { n: 1 }, [1, 0]])
  })

  it('asks again when the store is lost, and calls for itself where it says nothing', async () => {
    const { clock, each, calls, watchers, does } = processes(3)
    const lost = () => {
      for (const watcher of watchers) watcher.lost('open', new Error('gone'))
    }
    const answers = each.map(({ ask }) => ask('q'))
    await clock.advance(100)
    lost()
    await clock.advance(100)
    expect(calls()).toEqual([1, 0, 0])
    does.fails = true
    lost()
    await clock.advance(10)
    expect(calls()).toEqual([1, 1, 1])
    await clock.advance(1_100)
    await Promise.all(answers)
  })

  it('does not wait for a store that never answers', async () => {
    const { clock, each, calls, does } = processes(2)
    does.hangs = true
    const answers = each.map(({ ask }) => ask('q'))
    await clock.advance(200 + 1_050)
    await Promise.all(answers)
    expect(calls()).toEqual([1, 1])
  })

  it('calls for itself where the cache does not work', async () => {
    const { clock, each, calls, cache, asked } = processes(2)
    const answers = each.map(({ ask }) => ask('q'))
    await clock.advance(100)
    cache.does.fails = true
    await clock.advance(2_100)
    await Promise.all(answers)
    expect(calls()).toEqual([1, 1])
    const before = asked.length
    const more = each.map(({ ask }) => ask('p'))
    await clock.advance(1_100)
    await Promise.all(more)
    expect([calls(), asked.length]).toEqual([[2, 2], before])
  })

  it('is nobody in a process whose store cannot tell who leads', async () => {
    const { clock, process, asked } = fleet()
    const each = [process({}, false), process({}, false)]
    const answers = each.map(({ ask }) => ask('q'))
    await clock.advance(1_100)
    await Promise.all(answers)
    expect([each.map(({ seen }) => seen.calls), asked]).toEqual([[1, 1], []])
  })

  it('is nobody whose task wants no twins', async () => {
    const tasks = { faq: { cache: { ttlMs: HOUR }, coalesce: false } }
    const { clock, each, calls, asked } = processes(2, { config: { tasks } })
    const answers = each.map(({ ask }) => ask('q'))
    await clock.advance(1_100)
    await Promise.all(answers)
    expect([calls(), asked]).toEqual([[1, 1], []])
  })

  it('is nobody who holds what the other may be waiting for', async () => {
    const limits = { targets: { [TARGET]: { limits: { concurrency: 1 } } } }
    const { clock, each, calls } = processes(2, {
      config: { ...limits, tasks: { faq: { cache: { ttlMs: HOUR } } } },
    })
    const [one, two] = each
    const outer = two!.plimsoll.call({ target: TARGET, inputTokens: 1, maxOutputTokens: 1 }, async () => {
      await sleep(clock, 50)
      return two!.ask('q')
    })
    await clock.advance(10)
    // Leads, and waits for the slot that the outer call holds.
    const leading = one!.ask('q')
    await clock.advance(5_000)
    expect([await outer, await leading, calls()]).toEqual([{ n: 1 }, { n: 1 }, [1, 1]])
  })

  it('is turned away when all is closed, and drained before', async () => {
    const { clock, each, calls, watchers } = processes(3, { ms: 30_000 })
    const answers = each.map(({ ask }) => outcomeOf(ask('q')))
    await clock.advance(100)
    each[1]!.plimsoll.close()
    const drained = each[2]!.plimsoll.drain()
    await clock.advance(40_000)
    expect(await Promise.all(answers)).toEqual([{ n: 1 }, 'closed', { n: 1 }])
    expect([calls(), await drained]).toEqual([[1, 0, 0], { waiting: 0, reservations: 0 }])
    each[0]!.plimsoll.close()
    expect(watchers.size).toBe(0)
  })
})
