export type Measure = 'ns' | 'us' | 'B' | 'calls/s'

/** One number of the report. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly measure: Measure
  /** What it is held against: at most this, or at least this. */
  readonly bar?: { readonly most: number } | { readonly least: number }
  /** How many times as much as what the suite compares with. */
  readonly ratio?: number
}

export interface Suite {
  readonly name: string
  /** What its ratios are to. */
  readonly comparedWith?: string
  run(): Promise<Figure[]>
}

/** `undefined` where there is no bar. */
export function met({ value, bar }: Figure): boolean | undefined {
  if (bar === undefined) return undefined
  return 'most' in bar ? value <= bar.most : value >= bar.least
}
