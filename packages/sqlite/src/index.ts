export { fileStore } from './open.ts'
export type { FileStoreOptions } from './open.ts'
export type { FileStore } from './file-store.ts'
