import type { Attributes, Priority } from '../call/attributes.ts'
import { PlimsollError } from '../call/errors.ts'
import type { Asking } from './asking.ts'
import type { BudgetSource } from './budget-source.ts'
import { DEFAULT_TENANT } from './budgets.ts'
import type { Budgets } from './budgets.ts'
import { reserveAmounts } from './charges.ts'
import type { ChargePlan } from './charges.ts'
import { tooLarge, unknownPrice } from './refusals.ts'
import type { Target } from './target.ts'
import type { Ask, Rank } from './waiter.ts'

const RANK: Readonly<Record<Priority, Rank>> = { high: 0, medium: 1, low: 2 }

export interface AsksOptions {
  /** Whether a call may pass a budget that counts money although nobody knows its price. */
  readonly onUnknownPrice: () => 'refuse' | 'allow'
  readonly maxWaitMs: () => number
}

export interface Refusal {
  readonly side: 'target' | 'caller'
  readonly error: PlimsollError
}

/** What calls ask of limits and budgets: how much of each, by when, and in which place. */
export class Asks {
  budgets: BudgetSource
  readonly #options: AsksOptions
  #seq = 0

  constructor(budgets: BudgetSource, options: AsksOptions) {
    this.budgets = budgets
    this.#options = options
  }

  plan(target: Target, budgets: Budgets | undefined, attributes: Attributes): ChargePlan {
    if (budgets === undefined || !budgets.some) return target.limits
    return target.planWith(this.budgets.linesFor(budgets, attributes, target.id))
  }

  /** @param budgets none while they are looked up */
  of(asking: Asking, budgets: Budgets | undefined, now: number): Ask {
    const { target, attributes, estimate, countRequest } = asking
    const plan = this.plan(target, budgets, attributes)
    return {
      purpose: asking,
      plan,
      amounts: reserveAmounts(plan, target, estimate, countRequest),
      rank: RANK[asking.priority],
      tenant: attributes.tenant ?? DEFAULT_TENANT,
      run: attributes.run,
      cost: Math.ceil(estimate.inputTokens + (estimate.maxOutputTokens ?? estimate.outputTokens)),
      deadline: Math.min(asking.deadline, now + this.#options.maxWaitMs()),
      parent: asking.parent,
      seq: asking.seq ?? ++this.#seq,
    }
  }

  /** Why it is refused whatever room there is. */
  refusal({ plan, amounts, deadline, purpose }: Ask, now: number): Refusal | undefined {
    if (deadline <= now) {
      const message = 'The deadline had passed before the call began: give it more time.'
      return { side: 'caller', error: new PlimsollError({ code: 'deadline-exceeded', message }) }
    }
    const { id, price } = purpose.target
    if (price === undefined && this.#options.onUnknownPrice() === 'refuse') {
      const money = plan.lines.find(({ unit }) => unit === 'usd')
      if (money !== undefined) return { side: 'caller', error: unknownPrice(id, money.bucket.key) }
    }
    for (let index = 0; index < amounts.length; index++) {
      const line = plan.lines[index]!
      const amount = amounts[index]!
      if (amount > line.bucket.capacity)
        return { side: line.budget ? 'caller' : 'target', error: tooLarge(line, amount) }
    }
    return undefined
  }
}
