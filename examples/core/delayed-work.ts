import { createPlimsoll, deferQueue, PlimsollError } from '@plimsoll/core'

// Nobody waits for a digest: while the model is down it is kept, and made later. With a Keyv as `store` it outlives the process.
const later = deferQueue({ max: 10_000 })
const plimsoll = createPlimsoll({
  tasks: { digest: { targets: ['openai/gpt-5-mini'], degrade: [{ defer: later }] } },
})
let isDown = true
const digest = (input: unknown) =>
  plimsoll.call({ task: 'digest', mode: 'background', input }, async () => {
    if (isDown) throw Object.assign(new Error('down'), { status: 503 })
    return `A digest of ${String(input)}`
  })

try {
  await plimsoll.with({ tenant: 'acme' }, () => digest('this week'))
} catch (error) {
  console.log(PlimsollError.find(error)?.code) // deferred
}
isDown = false
while (
  await later.run(async (job) => console.log(await plimsoll.with(job.attributes, () => digest(job.request))))
);
