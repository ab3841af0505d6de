import { fromSchema } from '../answer/schema-json.ts'
import { type Fields, isFields } from '../checks.ts'

/**
 * The tool call that `tool_choice` leaves no way around, in either API: a tool by name, or the first one for
 * `required` (OpenAI) and `any` (Anthropic).
 */
export function forcedTool({
  tools,
  tool_choice: choice,
}: Fields): { name: string; arguments: string } | undefined {
  if (!Array.isArray(tools)) return undefined
  const definitions = tools
    .filter(isFields)
    .map((tool) => (isFields(tool['function']) ? tool['function'] : tool))
  const chosen = isFields(choice) && isFields(choice['function']) ? choice['function'] : choice
  const name = isFields(chosen) ? chosen['name'] : undefined
  const any = choice === 'required' || (isFields(choice) && choice['type'] === 'any')
  const tool = any ? definitions[0] : definitions.find((definition) => definition['name'] === name)
  if (!tool || typeof tool['name'] !== 'string') return undefined
  const schema = tool['parameters'] ?? tool['input_schema']
  return { name: tool['name'], arguments: JSON.stringify(fromSchema(schema) ?? {}) }
}
