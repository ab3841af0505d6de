import { defineProvider } from './define.ts'

const DAY = 86_400_000

/**
 * Amazon Bedrock. Tokens per minute and day, per model and region. Takes input and `max_tokens` (the model's maximum where
 * it is not set) when it lets a call in; in the end input less what was read from the cache, and each token of output
 * several times: five for Claude since 3.7, one for others. Newer models are said to burn down faster still: that is not
 * assumed, and a profile of one's own may say so. No headers.
 *
 * Source: AWS's page on how tokens are counted in Amazon Bedrock; maximum outputs as Effect's `@effect/ai-anthropic`
 * corrected them (4.0.0-beta.106).
 */
export const bedrock = defineProvider({
  id: 'bedrock',
  aliases: [
    'amazon-bedrock',
    'aws-bedrock',
    'bedrock-converse',
    'chat-bedrock-converse',
    'chatbedrockconverse',
    'bedrockchat',
  ],
  charging: 'reserve-with-max-settle-with-burn-down',
  cacheReadsFree: true,
  models: [
    { match: String.raw`claude-(?:v2|instant|3-(?:opus|sonnet|haiku|5-))`, burnDown: 1 },
    { match: 'claude', burnDown: 5 },
    { match: 'claude-(?:opus|sonnet|haiku)-4-5', maxOutputTokens: 64_000 },
    { match: 'claude-(?:opus-4-[678]|sonnet-4-6)', maxOutputTokens: 128_000 },
  ],
  errors: [
    {
      when: { type: 'ThrottlingException', message: 'tokens per day' },
      class: 'rate-limit',
      exhausted: ['tokens'],
      perMs: DAY,
    },
    {
      when: { type: 'ThrottlingException', message: 'too many tokens' },
      class: 'rate-limit',
      exhausted: ['tokens'],
    },
    {
      when: { type: 'ThrottlingException', message: 'too many requests' },
      class: 'rate-limit',
      exhausted: ['requests'],
    },
  ],
})
