/** A server-sent event that says its type twice, as Anthropic and OpenAI's Responses write theirs. */
export function sse(type: string, fields: Record<string, unknown>): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`
}
