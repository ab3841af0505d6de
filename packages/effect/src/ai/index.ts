export { aiErrorFacts } from './classify.ts'
export * as PlimsollEmbeddingModel from './embedding-model.ts'
export * as PlimsollLanguageModel from './language-model.ts'
