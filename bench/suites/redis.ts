import { redisStore } from '@plimsoll/redis'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { HAS_REDIS, startRedis } from '../../packages/redis/src/redis-server.fixture.ts'
import { inFlight, inTurn, timed } from '../measure.ts'
import type { Case } from '../measure.ts'
import type { Figure, Suite } from '../suite.ts'
import { atADistance } from './at-a-distance.ts'
import { clusteredBottleneck, redisNeighbours } from './redis-neighbours.ts'
import { FOUR_LIMITS, LEASED, leasedReserves, reserves, reservesAtOnce } from './redis-reserves.ts'

/** What a reserve of four limits may take, in bare trips. */
const MOST_TRIPS = 1.8
/** How many times as long as a leased one, and its settlement, a reserve of as many limits takes that makes a trip. */
const LEAST_LEASED = 30
const LEASE = { share: 0.1, ttlMs: 250 }
const WIDTH = 100
const TRIP = 'a bare trip (PING)'

/** To let a call in through Redis, beside what others take for it on the same server. */
export const redis: Suite = {
  name: 'redis',
  comparedWith: 'a bare trip of the same client',
  async run() {
    // That is said where it is looked for.
    if (!HAS_REDIS) return []
    const server = await startRedis()
    const node = createClient({ url: server.url })
    await node.connect()
    const ioredis = new Redis(server.url)
    const distant = await atADistance(server.port)
    const far = new Redis(distant.url)
    const bottleneck = clusteredBottleneck(ioredis, WIDTH)
    const others = [...redisNeighbours(ioredis), bottleneck]
    const store = redisStore({ client: ioredis, namespace: 'ioredis' })
    const figures = [
      ...(await latencies('node-redis', [
        inTurn(TRIP, () => node.ping()),
        ...reserves(redisStore({ client: node, namespace: 'node-redis' })),
        ...leasedReserves(redisStore({ client: node, namespace: 'node-redis leased', lease: LEASE })),
      ])),
      ...(await latencies('ioredis', [
        inTurn(TRIP, () => ioredis.ping()),
        ...reserves(store),
        ...leasedReserves(redisStore({ client: ioredis, namespace: 'ioredis leased', lease: LEASE })),
        ...others.map(({ name, once }) => inTurn(name, once)),
      ])),
      ...(await latencies('ioredis, 1 ms away', [
        inTurn(TRIP, () => far.ping()),
        ...reserves(redisStore({ client: far, namespace: 'far' })),
      ])),
      ...(await rates([
        inFlight(TRIP, WIDTH, () => ioredis.ping()),
        ...reservesAtOnce(store, WIDTH),
        ...others.map(({ name, once }) => inFlight(name, WIDTH, once)),
      ])),
    ]
    await bottleneck.close()
    far.disconnect()
    await distant.close()
    ioredis.disconnect()
    node.destroy()
    await server.stop()
    return figures
  },
}

/** One after the other; the first is the trip that the others are compared with. */
async function latencies(client: string, cases: readonly Case[]): Promise<Figure[]> {
  const [trip, ...times] = await timed(cases)
  const timeOf = (name: string) => times[cases.findIndex((one) => one.name === name) - 1]!
  return cases.map(({ name }, index) => {
    const value = (index === 0 ? trip! : times[index - 1]!) / 1_000
    return {
      name: `${client}: ${name}`,
      value,
      measure: 'us',
      ratio: (value * 1_000) / trip!,
      ...(name === FOUR_LIMITS && { bar: { most: (MOST_TRIPS * trip!) / 1_000 } }),
      ...(name.endsWith(LEASED) && {
        bar: { most: timeOf(name.slice(0, -LEASED.length)) / LEAST_LEASED / 1_000 },
      }),
    }
  })
}

async function rates(cases: readonly Case[]): Promise<Figure[]> {
  const times = await timed(cases)
  return cases.map(({ name }, index) => ({
    name: `${WIDTH} in flight: ${name}`,
    value: 1e9 / times[index]!,
    measure: 'calls/s',
    ratio: times[index]! / times[0]!,
  }))
}
