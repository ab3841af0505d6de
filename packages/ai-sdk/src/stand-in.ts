export interface Changes {
  /** What is found under a name, in place of what the original has there. */
  property(name: PropertyKey, value: unknown): unknown
  /** What a call gives, where the original is a function. */
  call?(args: unknown[]): unknown
}

/** An object that looks and behaves as `original` does, but for the changes. The original is left as it was. */
export function standIn<T extends object>(original: T, { property, call }: Changes): T {
  // Not a proxy of the original itself: of a frozen one no property could be shown otherwise than it is.
  const shell = typeof original === 'function' ? () => undefined : {}
  /** The same function is found under a name each time, as it would be in the original. */
  const changed = new Map<PropertyKey, { from: unknown; to: unknown }>()
  const stand: ProxyHandler<object> = {
    get(_shell, name) {
      // Read from the original itself, whose getters may use private fields.
      const from: unknown = Reflect.get(original, name)
      const known = changed.get(name)
      if (known !== undefined && known.from === from) return known.to
      const to = property(name, from)
      if (typeof from === 'function') changed.set(name, { from, to })
      return to
    },
    set: (_shell, name, value) => Reflect.set(original, name, value),
    has: (_shell, name) => Reflect.has(original, name),
    ownKeys: () => Reflect.ownKeys(original),
    getOwnPropertyDescriptor(_shell, name) {
      const found = Reflect.getOwnPropertyDescriptor(original, name)
      return found === undefined ? undefined : { ...found, configurable: true }
    },
    getPrototypeOf: () => Reflect.getPrototypeOf(original),
  }
  if (call !== undefined) stand.apply = (_shell, _this, args: unknown[]) => call(args)
  return new Proxy(shell, stand) as T
}
