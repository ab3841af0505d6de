import { createPlimsoll } from '@plimsoll/core'

const plimsoll = createPlimsoll({
  targets: { 'openai/gpt-5-mini': { limits: { tpm: 100_000, concurrency: 1 } } },
})

// A place in line, at once and without waiting.
const ticket = plimsoll.reserve({ target: 'openai/gpt-5-mini', inputTokens: 1_200, maxOutputTokens: 400 })
const admission = await ticket.ready
if (admission.kind === 'ok') {
  const { reservation } = admission
  // ... the call is made here; its first byte has come:
  reservation.acknowledge()
  // ... and it is over:
  reservation.settle({ inputTokens: 1_180, outputTokens: 230 }, 'exact')
}
console.log(plimsoll.state())
