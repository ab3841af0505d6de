/** What went through one limit, kept beside the meter so that a test can tell whether the meter kept its word. */
export interface Tally {
  charged: number
  refunded: number
  foreign: number
  refused: number
  /** The most in use at once. */
  peak: number
  /** The most charged, less refunds, in one period of `perMs` (periods touch; fixed windows: the windows). */
  windowMax: number
  take(now: number, amount: number, used: number, foreign: boolean): void
  giveBack(now: number, amount: number, takenAt: number): void
}

export function createTally(perMs: number, phaseMs: number): Tally {
  let index = -Infinity
  let inWindow = 0
  let closedMax = 0

  function roll(now: number): void {
    const current = Math.floor((now - phaseMs) / perMs)
    if (current === index) return
    closedMax = Math.max(closedMax, inWindow)
    index = current
    inWindow = 0
  }

  return {
    charged: 0,
    refunded: 0,
    foreign: 0,
    refused: 0,
    peak: 0,
    get windowMax() {
      return Math.max(closedMax, inWindow)
    },
    take(now, amount, used, foreign) {
      roll(now)
      if (foreign) this.foreign += amount
      else this.charged += amount
      inWindow += amount
      this.peak = Math.max(this.peak, used)
    },
    giveBack(now, amount, takenAt) {
      roll(now)
      this.refunded += amount
      if (Math.floor((takenAt - phaseMs) / perMs) === index) inWindow -= amount
    },
  }
}
