/** Whether a bucket is a budget of this holder, alone or with others: `tenant=acme`. */
export function isFor(key: string, holder: string): boolean {
  const [kind, holders] = key.split(':', 2)
  return kind!.startsWith('budget') && holders !== undefined && holders.split('+').includes(holder)
}
