/** `@plimsoll/core/store`: for whoever writes a store. */
export { MemoryStore } from './memory-store.ts'
export type { MemoryStoreOptions } from './memory-store.ts'
export type { SavedReservation } from './held.ts'
export type { SavedMeter } from './meter.ts'
export type { SavedBucket, SavedStore, StoreChanges } from './saved.ts'
export { periodAt } from '../time/calendar.ts'
export type { Calendar, Period, Span } from '../time/calendar.ts'
export { systemClock } from '../time/system-clock.ts'
