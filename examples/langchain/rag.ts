import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai'
import { createPlimsoll } from '@plimsoll/core'
import { createPlimsollFetch, withPlimsoll, withPlimsollEmbeddings } from '@plimsoll/langchain'

const plimsoll = createPlimsoll({ tasks: { answer: { cache: { ttlMs: 3_600_000 } } } })
// Shows Plimsoll the headers of every answer, from which limits are learnt.
const configuration = { fetch: createPlimsollFetch(plimsoll) }
const embeddings = withPlimsollEmbeddings(
  new OpenAIEmbeddings({ model: 'text-embedding-3-small', configuration }),
  plimsoll,
  { priority: 'low' },
)
const model = withPlimsoll(new ChatOpenAI({ model: 'gpt-5-mini', configuration }), plimsoll, {
  task: 'answer',
})

const documents = ['A ship has a line on its hull.', 'It shows how far she may be loaded.']
const vectors = await embeddings.embedDocuments(documents)
const asked = await embeddings.embedQuery('What is the line for?')
const closeness = vectors.map((vector) => vector.reduce((sum, x, index) => sum + x * asked[index]!, 0))
const closest = documents[closeness.indexOf(Math.max(...closeness))]
for (let times = 0; times < 2; times++) {
  const { text, response_metadata: said } = await model.invoke(`${closest}\n\nWhat is the line for?`)
  console.log(text, said['plimsoll'])
}
