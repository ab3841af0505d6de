import { classify } from './classify.ts'
import { countingBy } from './counting.ts'
import { errorRules } from './error-rules.ts'
import { headerReader } from './headers.ts'
import type { Charging, Profile, Scope } from './profile.ts'
import type { LimitHeaders, ModelRule, ProviderProfile } from './provider-profile.ts'

/** Models whose charges are remembered; a new one above that has those of all others worked out again. */
const MOST_MODELS = 1_000
const LONGEST_MODEL = 256

/**
 * Makes of a provider's data what the core works with.
 *
 * @param given in order, as `providerProfile` checks it
 * @param base the profile that `given.like` names
 */
export function defineProvider(given: ProviderProfile, base?: Profile): Profile {
  const data = base === undefined ? given : like(base.data, given)
  const { id, algorithm, charging = 'actual', headers = [], waits = [], errors = [] } = data
  const read = headerReader(headers, waits)
  const ruleOf = errorRules(errors)
  return {
    id,
    data,
    charging,
    scopes: scopesOf(headers),
    counting: countingBy(algorithm),
    charges: chargesBy(data, charging),
    headers: read,
    classify: (facts, now) => classify(facts, read(facts.headers ?? {}, now), { now, ruleOf }),
  }
}

/** What is left out is as it is there; another provider's names stay its own. */
function like(base: ProviderProfile, given: ProviderProfile): ProviderProfile {
  const said = Object.entries(given).filter(([, value]) => value !== undefined)
  return { ...base, aliases: [], ...(Object.fromEntries(said) as typeof given) }
}

/** What the headers say how large it is, each limit once. */
function scopesOf(headers: readonly LimitHeaders[]): readonly Scope[] {
  const scopes = new Map<string, Scope>()
  for (const { unit, perMs, limit } of headers) {
    if (limit !== undefined) scopes.set(`${unit} ${perMs}`, { unit, perMs })
  }
  return [...scopes.values()]
}

function chargesBy(
  { cacheReadsFree = false, outputFree = false, models = [] }: ProviderProfile,
  rule: Charging['rule'],
): (model: string) => Charging {
  const rules = models.map((one) => ({ ...one, pattern: new RegExp(one.match, 'i') }))
  const known = new Map<string, Charging>()
  return (model) => {
    let charging = known.get(model)
    if (charging === undefined) {
      const name = model.slice(0, LONGEST_MODEL)
      const matching = rules.filter(({ pattern }) => pattern.test(name))
      charging = {
        rule,
        cacheReadsFree: first(matching, 'cacheReadsFree') ?? cacheReadsFree,
        outputFree,
        burnDown: first(matching, 'burnDown') ?? 1,
        maxOutputTokens: first(matching, 'maxOutputTokens'),
      }
      if (known.size >= MOST_MODELS) known.clear()
      known.set(model, charging)
    }
    return charging
  }
}

/** Of the first rule that has one. */
function first<K extends Exclude<keyof ModelRule, 'match'>>(
  rules: readonly ModelRule[],
  field: K,
): ModelRule[K] | undefined {
  return rules.find((rule) => rule[field] !== undefined)?.[field]
}
