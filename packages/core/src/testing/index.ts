export { adapterContract } from './adapter-contract.ts'
export type { ContractCase } from './adapter-contract.ts'
export type {
  AdapterSubject,
  ContractAnswer,
  ContractClient,
  ContractOptions,
  ContractProvider,
} from './adapter-subject.ts'
export { delayedStore } from './delayed-store.ts'
export type { DelayedStoreOptions } from './delayed-store.ts'
export { answered, disagreement, storeProgram } from './store-program.ts'
export type { StoreStep } from './store-program.ts'
export { MemoryStore } from '../store/memory-store.ts'
export { virtualClock } from '../time/virtual-clock.ts'
export type { VirtualClock } from '../time/virtual-clock.ts'
