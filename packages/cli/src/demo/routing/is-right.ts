interface Said {
  readonly type?: unknown
  readonly text?: unknown
  readonly delta?: unknown
}

/**
 * Stands for the check that a product has: a label that there is, a schema, facts that the text has too. Wrong answers of
 * the fake provider say that they are.
 *
 * @param answer the AI SDK's result, or the parts of its stream
 */
export function isRight(answer: unknown): boolean {
  const text = textOf(answer)
  return text !== '' && !text.startsWith('WRONG')
}

function textOf(answer: unknown): string {
  const parts = Array.isArray(answer) ? answer : (answer as { content?: unknown }).content
  if (!Array.isArray(parts)) return ''
  return (parts as Said[])
    .map(({ type, text, delta }) => (type === 'text' ? text : type === 'text-delta' ? delta : ''))
    .join('')
}
