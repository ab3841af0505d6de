import { PlimsollError } from '../call/errors.ts'
import { BUILT_IN } from './built-in.ts'
import { defineProvider } from './define.ts'
import { generic } from './generic.ts'
import { folded, providerId } from './ids.ts'
import type { Profile } from './profile.ts'
import type { ProviderProfile } from './provider-profile.ts'

const KNOWN: ReadonlyMap<string, Profile> = new Map(BUILT_IN.map((profile) => [profile.id, profile]))

/** Profiles by provider: a user's own, and those that come with it. */
export interface Profiles {
  /** What is particular to a provider, by any of its names; one that is not known gets `generic`. */
  for(provider: string): Profile
  /** Whether this is a name of one of the user's own. */
  isOwn(provider: string): boolean
}

/**
 * @param own checked by `providerProfile`; they win over what we know under the same name
 * @throws {PlimsollError} `invalid-config` for a name that two of them have
 */
export function profilesWith(own: readonly ProviderProfile[]): Profiles {
  const byName = new Map<string, { profile: Profile; index: number }>()
  for (const [index, data] of own.entries()) {
    const profile = defineProvider(data, KNOWN.get(data.like ?? ''))
    for (const name of new Set([data.id, ...(data.aliases ?? [])].map(keyOf))) {
      const other = byName.get(name)
      if (other !== undefined) throw nameTwice(name, index, other.index)
      byName.set(name, { profile, index })
    }
  }
  return {
    for: (provider) => byName.get(keyOf(provider))?.profile ?? KNOWN.get(providerId(provider)) ?? generic,
    isOwn: (provider) => byName.has(keyOf(provider)),
  }
}

/** Names are compared as targets have them: `My.House.chat` is called by targets of `My.House`. */
function keyOf(name: string): string {
  return folded(providerId(name))
}

function nameTwice(name: string, index: number, other: number): PlimsollError {
  const message = `\`providers[${index}]\` has the name '${name}', which \`providers[${other}]\` has too; leave it to one of them.`
  return new PlimsollError({ code: 'invalid-config', message })
}
