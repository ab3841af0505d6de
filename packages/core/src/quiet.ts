/** Tells when nothing is going on any more. */
export class Quiet {
  readonly #isQuiet: () => boolean
  #waiting: (() => void)[] = []

  constructor(isQuiet: () => boolean) {
    this.#isQuiet = isQuiet
  }

  /** Something has ended. Costs nothing while nobody waits for quiet. */
  check(): void {
    if (this.#waiting.length === 0 || !this.#isQuiet()) return
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  /** Resolves when it is quiet, or `give up` is called. */
  come(): { readonly quiet: Promise<void>; readonly giveUp: () => void } {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.push(resolve)
    this.check()
    return { quiet: promise, giveUp: resolve }
  }
}
