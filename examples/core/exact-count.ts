import { countTokens } from '@plimsoll/core/tiktoken'

const document = 'The load line says how deep a ship may lie in the water. '.repeat(20_000)

// A megabyte, counted by a thread of its own: this one goes on meanwhile.
const tokens = await countTokens(document, { model: 'gpt-5-mini', signal: AbortSignal.timeout(10_000) })
console.log(`${tokens} tokens`)

const parts = ['Summarise this.', document]
console.log(await countTokens(parts, { model: 'gpt-5-mini' }))
