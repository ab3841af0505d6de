/** Under which id genai-prices has a provider of ours, where it is another. */
const SELLERS: ReadonlyMap<string, string> = new Map([
  ['vertex', 'google'],
  ['bedrock', 'aws'],
  ['xai', 'x-ai'],
  ['togetherai', 'together'],
])

/**
 * What may follow a model's name and still be that model. Nothing else may: `gpt-5-nano-2` is not `gpt-5-nano`, nor is
 * version 2 of a Titan embedding as dear as version 1.
 */
const DATED = /(?:-20\d\d-[01]\d-[0-3]\d|[-@]20\d\d[01]\d[0-3]\d|[-@](?:latest|default))$/
const FIRST_VERSION: ReadonlyMap<string, RegExp> = new Map([
  ['aws', /-v1(?::0)?$/],
  ['google', /-001$/],
])

/** Where a Bedrock profile runs: all regions of a model cost the same. `global` is none of them, and has its own prices. */
const REGION = /^(?:us-gov|us|eu|apac|jp|au|ca|in|sa)\./

/** Who sells what is called there. */
export function sellerOf(provider: string): string {
  return SELLERS.get(provider) ?? provider
}

/** The model's id in lower case, less its date or first version. */
export function undated(name: string, seller: string): string {
  const lower = name.toLowerCase()
  const version = FIRST_VERSION.get(seller)
  return (version === undefined ? lower : lower.replace(version, '')).replace(DATED, '')
}

/** Names under which the seller may list a model, the closest first. */
export function spellings(model: string, seller: string): string[] {
  const lower = model.toLowerCase().trim()
  if (seller !== 'aws') return [lower]
  // An ARN ends in the model's id.
  const id = lower.slice(lower.lastIndexOf('/') + 1)
  const bare = id.replace(REGION, '')
  return [id, `regional.${bare}`, bare]
}
