/** Samples of a text, evenly spaced from its start to its end. */
export interface SamplePlan {
  readonly samples: number
  /** Characters of each. */
  readonly size: number
}

/**
 * How much `measure` says for each one that `yardstick` says, in texts taken one behind the other: the ratio over the
 * samples, and its standard error more, so that a text whose parts differ is put higher than an even one.
 */
export function sampledRatio(
  texts: readonly string[],
  totalLength: number,
  { samples, size }: SamplePlan,
  measure: (text: string) => number,
  yardstick: (text: string) => number,
): number {
  const stride = (totalLength - size) / (samples - 1)
  const measured: number[] = []
  const expected: number[] = []
  let index = 0
  let offset = 0
  for (let sample = 0; sample < samples; sample++) {
    const from = Math.floor(sample * stride)
    while (index < texts.length - 1 && from >= offset + texts[index]!.length) offset += texts[index++]!.length
    const window = windowAt(texts, index, from - offset, size)
    measured.push(measure(window))
    expected.push(yardstick(window))
  }
  const whole = sum(expected)
  if (whole === 0) return 0
  const ratio = sum(measured) / whole
  const residuals = measured.map((value, sample) => (value - ratio * expected[sample]!) ** 2)
  const error = Math.sqrt((sum(residuals) * samples) / (samples - 1)) / whole
  return ratio + error
}

function sum(values: readonly number[]): number {
  let total = 0
  for (const value of values) total += value
  return total
}

/** `size` characters from a place on, out of as many texts as it takes. */
function windowAt(texts: readonly string[], first: number, start: number, size: number): string {
  let window = ''
  let from = start
  for (let index = first; index < texts.length && window.length < size; index++) {
    const text = texts[index]!
    window += text.slice(uncut(text, from), uncut(text, from + size - window.length))
    from = 0
  }
  return window
}

/** The same place, or one before where it would cut a character in two. */
function uncut(text: string, index: number): number {
  const code = index > 0 ? text.charCodeAt(index) : 0
  return code >= 0xdc00 && code < 0xe000 ? index - 1 : index
}
