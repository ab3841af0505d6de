export { PlimsollLangChainError } from './error.ts'
export { withPlimsoll } from './with-plimsoll.ts'
