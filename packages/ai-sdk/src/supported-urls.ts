/** Which URLs a model reads by itself, by media type. */
export type SupportedUrls = Readonly<Record<string, readonly RegExp[]>>

/**
 * What all of them read by themselves: any of them may be the one that answers. What is left out is downloaded by the
 * AI SDK, which every model can do with.
 */
export function urlsOfAll(all: readonly SupportedUrls[]): Record<string, RegExp[]> {
  const [first = {}, ...others] = all
  const common = Object.entries(first).flatMap(([type, patterns]) => {
    const shared = patterns.filter((pattern) =>
      others.every((urls) => urls[type]?.some((one) => String(one) === String(pattern)) === true),
    )
    return shared.length === 0 ? [] : [[type, shared] as const]
  })
  return Object.fromEntries(common)
}
