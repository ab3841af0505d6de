import { anthropic } from './anthropic.ts'
import { fireworks, generic, groq } from './generic.ts'
import { azure, openai } from './openai.ts'
import type { Profile } from './profile.ts'

const PROFILES: ReadonlyMap<string, Profile> = new Map(
  [openai, azure, anthropic, groq, fireworks].map((profile) => [profile.id, profile]),
)

/** What is particular to a provider, by the id that `providerId` gives. One that is not known gets `generic`. */
export function profileFor(providerId: string): Profile {
  return PROFILES.get(providerId) ?? generic
}
