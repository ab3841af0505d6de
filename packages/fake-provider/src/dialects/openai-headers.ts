import type { LimitState } from '../limits/limit-state.ts'
import type { Model } from '../model.ts'
import type { LimitUnit } from '../options.ts'

/** `x-ratelimit-*` of the first limit of each unit, as of now. */
export function openAiLimitHeaders({ limiter }: Model, now: number): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const unit of ['requests', 'tokens'] as const) {
    const limit = findLimit(limiter.limits, unit)
    if (!limit) continue
    headers[`x-ratelimit-limit-${unit}`] = String(limit.settings.amount)
    headers[`x-ratelimit-remaining-${unit}`] = String(remaining(limit, now))
    headers[`x-ratelimit-reset-${unit}`] = formatDuration(limit.meter.fullResetMs(now))
  }
  return headers
}

export function findLimit(limits: readonly LimitState[], unit: LimitUnit): LimitState | undefined {
  return limits.find((limit) => limit.settings.unit === unit)
}

/** Whole units left: rounded down, so that what is told is there. */
export function remaining({ meter }: LimitState, now: number): number {
  return Math.max(0, Math.floor(meter.capacity - meter.used(now) + 1e-6))
}

/** A duration as Go prints it: `88ms`, `1s`, `6m0s`, `1h0m0.5s`. Rounded up to whole milliseconds. */
export function formatDuration(ms: number): string {
  const whole = Math.ceil(ms)
  if (whole <= 0) return '0s'
  if (whole < 1000) return `${whole}ms`
  const hours = Math.floor(whole / 3_600_000)
  const minutes = Math.floor(whole / 60_000) % 60
  const seconds = `${(whole % 60_000) / 1000}s`
  if (hours > 0) return `${hours}h${minutes}m${seconds}`
  return minutes > 0 ? `${minutes}m${seconds}` : seconds
}
