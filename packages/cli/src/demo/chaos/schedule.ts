import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault } from '@plimsoll/fake-provider'

/** What is wrong with the provider for a while. */
export interface Phase {
  readonly name: string
  readonly minutes: number
  readonly faults: readonly Fault[]
}

const CALM: Phase = { name: 'all is well', minutes: 0.5, faults: [] }

function phase(name: string, minutes: number, ...faults: Fault[]): Phase {
  return { name, minutes, faults }
}

/** One thing after the other, with time to recover in between and at the end. */
export function badDay({ small, large }: { small: string; large: string }, minuteMs: number): Phase[] {
  return [
    CALM,
    phase('429s with a hint', 0.5, { kind: 'rate-limit', rate: 0.6, retryAfterMs: minuteMs / 20 }),
    CALM,
    phase(`${small} is down`, 1, { kind: 'server-error', model: small, rate: 1 }),
    CALM,
    phase('answers are cut', 1, { kind: 'cut', model: large, rate: 0.4, afterChunks: 2 }),
    phase('answers stall', 0.5, { kind: 'stall', model: large, rate: 0.3, afterChunks: 1 }),
    CALM,
    phase('429s with no hint', 0.5, { kind: 'rate-limit', rate: 0.6 }),
    CALM,
    phase('all overloaded', 0.25, { kind: 'overloaded', rate: 1 }),
    CALM,
  ]
}

export interface PlayOptions {
  /** Of the fake provider. */
  readonly url: string
  readonly minuteMs: number
  readonly signal: AbortSignal
  readonly onPhase: (name: string) => void
}

/** Lets one phase after the other have its faults, and clears the last ones. Resolves early when the signal is set. */
export async function play(phases: readonly Phase[], options: PlayOptions): Promise<void> {
  const { url, minuteMs, signal, onPhase } = options
  for (const { name, minutes, faults } of [...phases, { ...CALM, minutes: 0 }]) {
    if (signal.aborted) return
    await setFaults(url, faults)
    onPhase(name)
    await sleep(minutes * minuteMs, undefined, { signal }).catch(() => {})
  }
}

async function setFaults(url: string, faults: readonly Fault[]): Promise<void> {
  await fetch(`${url}/__faults`, { method: 'DELETE' })
  for (const fault of faults) {
    const { ok, status } = await fetch(`${url}/__faults`, { method: 'POST', body: JSON.stringify(fault) })
    if (!ok) throw new Error(`The fake provider does not take the fault ${fault.kind} (HTTP ${status}).`)
  }
}
