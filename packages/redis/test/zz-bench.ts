import { startRedis } from '../src/redis-server.fixture.ts'
import { connected } from '../src/redis-client.fixture.ts'
import { redisStore } from '@plimsoll/redis'
import { portOf } from '../src/port.ts'
const server = await startRedis()
const client = await connected(server.url)
const port = portOf(client)
const counts: Record<string, number> = {}
const counting = {
  ...port,
  send(words: readonly string[]) {
    const k = words[6] ?? words[0]!
    counts[k] = (counts[k] ?? 0) + 1
    return port.send(words)
  },
}
const n = Number(process.argv[2] ?? 4)
const all = [
  { key: 'rpm', algorithm: 'sliding-window', capacity: 1e9, perMs: 60_000 },
  { key: 'tpm', algorithm: 'token-bucket', capacity: 1e12, perMs: 60_000 },
  { key: 'slots', algorithm: 'slots', capacity: 1_000, perMs: Infinity },
  {
    key: 'budget:tenant=a:tokens',
    algorithm: 'quota',
    capacity: 1e13,
    perMs: 86_400_000,
    calendar: { every: 'day', timeZone: 'UTC' },
  },
] as const
const buckets = all.slice(0, n)
const amounts = buckets.map(({ algorithm, key }) => (algorithm === 'slots' || key === 'rpm' ? 1 : 1000))
const used = buckets.map(({ algorithm, key }) => (algorithm === 'slots' || key === 'rpm' ? 1 : 700))
const leaves = buckets.map(() => 0)
const now = () => performance.timeOrigin + performance.now()
let id = 0
function once(store: any): Promise<void> {
  return new Promise((resolve) => {
    const my = ++id
    store.send(
      {
        type: 'reserve',
        id: my,
        buckets,
        amounts,
        leaves,
        holder: 1,
        rank: 1,
        claimable: n,
        leaseMs: 90_000,
        parent: undefined,
      },
      now(),
      (a: any) => {
        if (a.kind !== 'granted') throw new Error(JSON.stringify(a))
        store.send({ type: 'settle', id: my, amounts: used, refund: true }, now(), () => {})
        resolve()
      },
    )
  })
}
const leased = redisStore({ client: counting, namespace: 'l' + n, lease: {} })
const plain = redisStore({ client, namespace: 'p' + n })
const rounds: number[][] = [[], [], []]
const runs = [
  async (t: number) => {
    for (let i = 0; i < t; i++) await client.ping()
  },
  async (t: number) => {
    for (let i = 0; i < t; i++) await once(plain)
  },
  async (t: number) => {
    for (let i = 0; i < t; i++) {
      await once(leased)
      if (i % 256 === 0) await new Promise(setImmediate)
    }
  },
]
const times = [500, 300, 30_000]
for (let i = 0; i < 12; i++)
  for (const [k, run] of runs.entries()) {
    const t0 = performance.now()
    await run(times[k]!)
    const us = ((performance.now() - t0) * 1000) / times[k]!
    if (i > 3) rounds[k]!.push(us)
  }
const med = (v: number[]) => v.toSorted((a, b) => a - b)[v.length >> 1]!
const [p, t, l] = rounds.map(med)
console.log(
  `ping ${p!.toFixed(1)} us, trip each ${t!.toFixed(1)} us, leased ${l!.toFixed(2)} us, ratio trip/leased ${(t! / l!).toFixed(0)}, 2 bare trips/leased ${((2 * p!) / l!).toFixed(0)}, bare/leased ${(p! / l!).toFixed(0)}`,
)
console.log(counts)
await new Promise((r) => setTimeout(r, 800))
console.log(
  await new Promise((r) => leased.send({ type: 'peek', buckets, amounts: leaves, leaves }, now(), r)),
)
client.destroy()
await server.stop()
process.exit(0)
