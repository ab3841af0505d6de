/** What Plimsoll needs of a Redis client. */
export interface RedisPort {
  /** Sends one command, as its words. Rejects with the server's error, whose message begins with its code. */
  send(words: readonly string[]): Promise<unknown>
  /**
   * Listens to a channel, on a connection of its own, and again by itself when that was lost. Returns how to stop.
   * `onError` is told of what goes wrong with the connection later.
   */
  subscribe(
    channel: string,
    listener: (message: string) => void,
    onError: (error: unknown) => void,
  ): Promise<() => Promise<void>>
}

/** As much of node-redis' client (`redis` 6) as is used. */
export interface NodeRedisClient {
  sendCommand(words: string[]): Promise<unknown>
  duplicate(): {
    on(event: 'error', listener: (error: unknown) => void): unknown
    connect(): Promise<unknown>
    subscribe(channel: string, listener: (message: string) => void): Promise<unknown>
    destroy(): void
  }
}

/** As much of ioredis' client as is used. */
export interface IoredisClient {
  call(command: string, ...words: string[]): Promise<unknown>
  duplicate(): {
    on(event: 'error', listener: (error: unknown) => void): unknown
    on(event: 'message', listener: (channel: string, message: string) => void): unknown
    subscribe(channel: string): Promise<unknown>
    disconnect(): void
  }
}

/** @throws {TypeError} for what is neither of the clients, nor a port */
export function portOf(client: NodeRedisClient | IoredisClient | RedisPort): RedisPort {
  if ('call' in client) return ioredisPort(client)
  if ('sendCommand' in client) return nodeRedisPort(client)
  if ('send' in client && 'subscribe' in client) return client
  throw new TypeError('`client` is to be a client of node-redis or ioredis, or a `RedisPort`.')
}

function nodeRedisPort(client: NodeRedisClient): RedisPort {
  return {
    send: (words) => client.sendCommand([...words]),
    async subscribe(channel, listener, onError) {
      const own = client.duplicate()
      own.on('error', onError)
      await own.connect()
      await own.subscribe(channel, listener)
      return async () => own.destroy()
    },
  }
}

function ioredisPort(client: IoredisClient): RedisPort {
  return {
    send: async ([command, ...words]) => client.call(command!, ...words),
    async subscribe(channel, listener, onError) {
      const own = client.duplicate()
      own.on('error', onError)
      own.on('message', (_channel, message) => listener(message))
      await own.subscribe(channel)
      return async () => own.disconnect()
    },
  }
}
