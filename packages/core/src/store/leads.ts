import type { LeadAnswer, LeadOp, Op } from './port.ts'

type UnleadOp = Extract<Op, { type: 'unlead' }>

interface Lead {
  /** `undefined` once the work is done. */
  readonly holder: number | undefined
  readonly rank: number
  readonly until: number
}

/** Who does what many want done, one for each key. Nothing outlives its time by more than the longest there is. */
export class Leads {
  /** Those that run out first come first, as far as all run as long. */
  readonly #leads = new Map<string, Lead>()

  get size(): number {
    return this.#leads.size
  }

  lead({ key, holder, rank, ttlMs }: LeadOp, now: number): LeadAnswer {
    const lead = this.#standing(key, now)
    if (lead !== undefined && lead.holder === undefined) return { kind: 'over' }
    if (lead !== undefined && lead.holder !== holder && lead.rank <= rank)
      return { kind: 'follows', untilMs: lead.until - now }
    this.#set(key, { holder, rank, until: now + ttlMs })
    return { kind: 'leads' }
  }

  unlead({ key, holder, overMs }: UnleadOp, now: number): void {
    if (this.#standing(key, now)?.holder !== holder) return
    if (overMs > 0) this.#set(key, { holder: undefined, rank: 0, until: now + overMs })
    else this.#leads.delete(key)
  }

  #set(key: string, lead: Lead): void {
    this.#leads.delete(key)
    this.#leads.set(key, lead)
  }

  #standing(key: string, now: number): Lead | undefined {
    for (const [name, { until }] of this.#leads) {
      if (until > now) break
      this.#leads.delete(name)
    }
    const lead = this.#leads.get(key)
    return lead !== undefined && lead.until > now ? lead : undefined
  }
}
