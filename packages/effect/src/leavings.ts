/**
 * What the attempts of a call still have to end. Whoever interrupts the call waits for those that were aborted with it;
 * an attempt that others share goes on without them.
 */
export class Leavings {
  readonly #pending = new Map<Promise<unknown>, AbortSignal>()

  add(done: Promise<unknown>, signal: AbortSignal): void {
    this.#pending.set(done, signal)
    const gone = () => void this.#pending.delete(done)
    done.then(gone, gone)
  }

  async gone(): Promise<void> {
    const aborted = [...this.#pending].filter(([, signal]) => signal.aborted)
    await Promise.allSettled(aborted.map(([done]) => done))
  }
}
