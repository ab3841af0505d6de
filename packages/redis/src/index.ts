export { redisStore } from './redis-store.ts'
export type { LeaseOptions, RedisStoreOptions } from './redis-store.ts'
export type { IoredisClient, NodeRedisClient, RedisPort } from './port.ts'
