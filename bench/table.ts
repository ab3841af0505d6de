import { met } from './suite.ts'
import type { Figure, Suite } from './suite.ts'

/** One suite's figures, for people. */
export function table({ name, comparedWith }: Suite, figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.name,
    `${number(figure.value)} ${figure.measure}`,
    figure.ratio === undefined ? '' : `x ${number(figure.ratio)}`,
    barOf(figure),
  ])
  const heads = ['', '', comparedWith === undefined ? '' : `to ${comparedWith}`, 'bar']
  const widths = heads.map((head, column) => Math.max(head.length, ...rows.map((row) => row[column]!.length)))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) =>
        column === 1 || column === 2 ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
      )
      .join('  ')
      .trimEnd()
  return [`\n${name}`, line(heads), ...rows.map(line)].filter((text) => text !== '').join('\n')
}

function barOf(figure: Figure): string {
  const { bar } = figure
  if (bar === undefined) return ''
  const text = 'most' in bar ? `<= ${number(bar.most)}` : `>= ${number(bar.least)}`
  return `${text}  ${met(figure) === true ? 'met' : 'MISSED'}`
}

function number(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2
  return value.toLocaleString('en', { maximumFractionDigits: digits })
}
