/** Whether there is a Redis to test with. Where CI is set there must be one. */
export declare const HAS_REDIS: boolean
export interface RedisServer {
  readonly url: string
  readonly port: number
  freeze(): void
  thaw(): void
  /** As by a machine that loses its power: nothing is kept. */
  kill(): Promise<void>
  /** Empty, on the same port. */
  start(): Promise<void>
  stop(): Promise<void>
}
export declare function startRedis(): Promise<RedisServer>
//# sourceMappingURL=redis-server.fixture.d.ts.map
