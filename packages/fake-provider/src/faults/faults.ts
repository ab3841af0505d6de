import type { Random } from '../random.ts'
import type { Fault } from './fault.ts'

/** The faults in force, in the order they were injected. */
export interface Faults {
  inject(fault: Fault): void
  clear(): void
  /** The first fault that meets this request, used up by one; the request is counted for those before it. */
  match(request: { model: string; stream: boolean }, random: Random): Fault | undefined
}

interface Armed {
  fault: Fault
  left: number
  toSkip: number
}

export function createFaults(): Faults {
  let armed: Armed[] = []

  function meets(entry: Armed, request: { model: string; stream: boolean }, random: Random): boolean {
    const { fault } = entry
    if (fault.model !== undefined && fault.model !== request.model) return false
    if (fault.kind === 'error-event' && !request.stream) return false
    if (entry.toSkip > 0) {
      entry.toSkip--
      return false
    }
    return fault.rate === undefined || random() < fault.rate
  }

  return {
    inject(fault) {
      const left = fault.times ?? (fault.rate === undefined ? 1 : Infinity)
      armed.push({ fault, left, toSkip: fault.afterRequests ?? 0 })
    },
    clear() {
      armed = []
    },
    match(request, random) {
      const met = armed.find((entry) => meets(entry, request, random))
      if (!met) return undefined
      met.left--
      if (met.left <= 0) armed = armed.filter((entry) => entry !== met)
      return met.fault
    },
  }
}
