import { isFields } from './request.ts'

/** Where chat models keep how long an answer may be, and the models that one has inside. */
const LENGTHS: ReadonlySet<PropertyKey> = new Set(['maxTokens', 'maxOutputTokens', 'maxCompletionTokens'])
const INSIDE: ReadonlySet<PropertyKey> = new Set(['completions', 'responses'])

/** The same model with answers of another length: there is no option of a call that says it. */
export function withLength<M extends object>(model: M, maxOutputTokens: number | undefined): M {
  if (maxOutputTokens === undefined) return model
  return new Proxy(model, {
    get(target, name, receiver) {
      const value: unknown = Reflect.get(target, name, receiver)
      if (LENGTHS.has(name) && name in target) return maxOutputTokens
      return INSIDE.has(name) && isFields(value) ? withLength(value, maxOutputTokens) : value
    },
  })
}
