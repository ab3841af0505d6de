import { defineProvider } from './define.ts'

/**
 * Vertex AI. One pool for all customers, best effort above a baseline of tokens per minute; no headers. How tokens are
 * charged is not told.
 *
 * Source: Vertex AI's pages on quotas and standard pay-as-you-go.
 */
export const vertex = defineProvider({
  id: 'vertex',
  aliases: [
    'google-vertex',
    'google-vertexai',
    'google-vertex-ai',
    'vertexai',
    'vertex-ai',
    'gcp-vertex-ai',
    'chatvertexai',
  ],
})
