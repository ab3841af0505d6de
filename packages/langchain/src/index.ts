export { PlimsollLangChainError } from './error.ts'
export { withPlimsoll } from './with-plimsoll.ts'
export { routedChatModel } from './routed-chat-model.ts'
export type { RoutedChatModel } from './routed-chat-model.ts'
