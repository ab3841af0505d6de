import { styleText } from 'node:util'

/** Rows of cells under a heading: names to the left, figures to the right. */
export function table(
  heading: readonly string[],
  rows: readonly (readonly string[])[],
  color: boolean,
): string {
  const widths = heading.map((_, column) =>
    Math.max(...[heading, ...rows].map((row) => (row[column] ?? '').length)),
  )
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('   ')
      .trimEnd()
  const [first, rule] = [line(heading), widths.map((width) => '─'.repeat(width)).join('───')]
  return [styled('bold', first, color), styled('dim', rule, color), ...rows.map(line)].join('\n')
}

export function styled(
  style: 'bold' | 'dim' | 'green' | 'yellow' | 'red',
  text: string,
  color: boolean,
): string {
  // Whether there is colour is known of the stream that it is written to, which is not always stdout.
  return color ? styleText(style, text, { validateStream: false }) : text
}

const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })

export function whole(value: number): string {
  return WHOLE.format(value)
}

export function percent(part: number): string {
  const value = part * 100
  return `${value === 0 ? '0' : value < 1 ? value.toFixed(2) : value.toFixed(1)} %`
}

/** `840 ms`, `12.4 s`. */
export function duration(ms: number | null): string {
  if (ms === null) return '-'
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(ms < 100_000 ? 1 : 0)} s`
}

/** `$0.00412`: three digits that count. */
export function dollars(usd: number | null): string {
  return usd === null ? '-' : `$${usd.toLocaleString('en', { maximumSignificantDigits: 3 })}`
}
