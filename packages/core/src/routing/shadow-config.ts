/** Another target that is asked besides, to see how it would do. */
export interface ShadowConfig {
  /** Its answers go to nobody: what they cost, how long they took and whether they pass is told in their records. */
  readonly target: string
  /** Of the calls that the first choice has answered, from 0 (such as for a plan) to 1. */
  readonly share: number
}

/** Whose calls they are, in budgets, records and reports: no tenant, user, feature or workflow pays for them. */
export const SHADOW = '(shadow)'
