import * as fc from 'fast-check'

/** At least one of each kind, wide and narrow, and what the patterns treat by itself. */
export const TRICKY: readonly string[] = [
  "'",
  's',
  'S',
  't',
  're',
  'rE',
  'v',
  'e',
  'l',
  'LL',
  'A',
  'Bc',
  '\u0301',
  '\u0903',
  '\u{1d165}',
  '中',
  'ª',
  'ʰ',
  'ǅ',
  '𝐀',
  '𝐚',
  '𐐀𐐨',
  '\u{20000}',
  '1',
  '٣',
  'Ⅷ',
  '𝟘',
  '😀',
  '\u200d',
  '\u{e0101}',
  ' ',
  '\t',
  '\n',
  '\r',
  '\u00a0',
  '\u2028',
  '\u3000',
  '\ufeff',
  '/',
  '.',
  '<|',
  '\ud800',
  '\udc00',
  'ſ',
  '\u212a',
]

/** Texts of what is above, of any code units, and of both. */
export const anyText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...TRICKY) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 4 }) },
      {
        weight: 1,
        arbitrary: fc.constantFrom('the ', 'quick', ' brown', '1234567', '    ', '\r\n\r\n', '---'),
      },
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(''))
