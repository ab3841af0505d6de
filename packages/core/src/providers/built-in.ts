import { anthropic } from './anthropic.ts'
import { azure } from './azure.ts'
import { bedrock } from './bedrock.ts'
import { cohere } from './cohere.ts'
import { deepseek } from './deepseek.ts'
import { fireworks } from './fireworks.ts'
import { generic } from './generic.ts'
import { google } from './google.ts'
import { groq } from './groq.ts'
import { mistral } from './mistral.ts'
import { openai } from './openai.ts'
import { openrouter } from './openrouter.ts'
import type { Profile } from './profile.ts'
import { togetherai } from './togetherai.ts'
import { vertex } from './vertex.ts'
import { xai } from './xai.ts'

/** The providers that come with it. */
export const BUILT_IN: readonly Profile[] = [
  anthropic,
  azure,
  bedrock,
  cohere,
  deepseek,
  fireworks,
  generic,
  google,
  groq,
  mistral,
  openai,
  openrouter,
  togetherai,
  vertex,
  xai,
]
