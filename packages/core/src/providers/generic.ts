import { defineProvider } from './define.ts'
import { OPENAI_HEADERS } from './headers.ts'

/**
 * Whoever else: what is safe when nobody knows, and OpenAI's headers where a server sends them, whatever its windows.
 */
export const generic = defineProvider({ id: 'generic', headers: OPENAI_HEADERS })
