/** One queue as it is now. */
export interface QueueGauge {
  readonly pool: string
  readonly waiting: number
  /** How long the one has waited that has waited longest; 0 when nobody does. */
  readonly oldestMs: number
  /** How many are let in a minute, as of late. Absent until somebody was. */
  readonly drainPerMinute?: number
}
