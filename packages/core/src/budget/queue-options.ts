/** The rules of a queue. */
export interface QueueOptions {
  /** How many may wait for one pool. @defaultValue 10_000 */
  readonly maxWaiting: number
  /** How long one may wait, where its deadline allows more. @defaultValue 60_000 */
  readonly maxWaitMs: number
  /** After this a lower priority may go out of turn, within its minimum share. @defaultValue 10_000 */
  readonly ageMs: number
  /**
   * Whether a call is refused at once when its expected wait passes its deadline, or only when it certainly will. The
   * first wastes nobody's time; the second serves up to 6 % more of bursty traffic. @defaultValue 'expected'
   */
  readonly refuse: 'expected' | 'certain'
  /** A tenant's share against others of its priority. @defaultValue 1 for all */
  readonly weight: (tenant: string) => number
}
