import { createPlimsoll } from '@plimsoll/core'

const plimsoll = createPlimsoll({ targets: { 'openai/gpt-5': { limits: { tpm: 50_000 } } } })

const decision = await plimsoll.decide({ target: 'openai/gpt-5', inputTokens: 80_000 })
if (decision.kind === 'reject') console.log(decision.reason.message)
console.log(await plimsoll.headroom('openai/gpt-5'))
