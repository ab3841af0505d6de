import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

/** A millisecond each way: another zone of the same region. */
const AWAY_MS = 1

export interface Distant {
  readonly url: string
  close(): Promise<void>
}

/** The same server, as it is seen from some way off. */
export async function atADistance(port: number): Promise<Distant> {
  const sockets = new Set<Socket>()
  const relay = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.setNoDelay(true)
      from.on('data', (data) => setTimeout(() => to.write(data), AWAY_MS))
      from.on('error', () => to.destroy())
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
  })
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve))
  return {
    url: `redis://127.0.0.1:${(relay.address() as AddressInfo).port}`,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => relay.close(resolve))
    },
  }
}
