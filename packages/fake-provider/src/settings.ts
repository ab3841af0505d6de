import { checkNumber, checkObject } from './checks.ts'
import { checkFault } from './faults/check-fault.ts'
import type { Fault } from './faults/fault.ts'
import { type ModelSettings, resolveModel } from './model-settings.ts'
import type { FakeProviderOptions } from './options.ts'

/** The options with every default filled in and every field checked. */
export interface Settings {
  port: number
  seed: number
  minuteMs: number
  dayMs: number
  models: Map<string, ModelSettings>
  apiKeys: Set<string> | undefined
  faults: Fault[]
  maxBodyBytes: number
  trackClientRequests: number
}

const KNOWN = [
  'port',
  'seed',
  'minuteMs',
  'dayMs',
  'models',
  'apiKeys',
  'faults',
  'maxBodyBytes',
  'trackClientRequests',
]

export function resolveSettings(options: FakeProviderOptions): Settings {
  checkObject(options, 'options', KNOWN)
  const seed = checkNumber(options.seed, 'options.seed', { integer: true }) ?? 1
  const minuteMs = checkNumber(options.minuteMs, 'options.minuteMs', { above: 0 }) ?? 60_000
  const dayMs = checkNumber(options.dayMs, 'options.dayMs', { above: 0 }) ?? 1440 * minuteMs
  return {
    port: checkNumber(options.port, 'options.port', { min: 0, max: 65_535, integer: true }) ?? 0,
    seed,
    minuteMs,
    dayMs,
    models: resolveModels(options.models ?? { '*': {} }, { minuteMs, dayMs, seed }),
    apiKeys: resolveKeys(options.apiKeys),
    faults: resolveFaults(options.faults),
    maxBodyBytes:
      checkNumber(options.maxBodyBytes, 'options.maxBodyBytes', { min: 1, integer: true }) ?? 16_777_216,
    trackClientRequests:
      checkNumber(options.trackClientRequests, 'options.trackClientRequests', { min: 0, integer: true }) ?? 0,
  }
}

export interface Scale {
  minuteMs: number
  dayMs: number
  seed: number
}

function resolveModels(models: unknown, scale: Scale): Map<string, ModelSettings> {
  checkObject(models, 'options.models', Object.keys(models as object))
  const resolved = new Map<string, ModelSettings>()
  for (const [id, options] of Object.entries(models)) {
    resolved.set(id, resolveModel(id, options, scale))
  }
  if (resolved.size === 0) throw new RangeError("options.models is empty: add a model id, or '*' for any")
  for (const [id, { sameLimitsAs }] of resolved) {
    if (sameLimitsAs === undefined) continue
    const other = resolved.get(sameLimitsAs)
    if (!other || sameLimitsAs === '*' || other.sameLimitsAs !== undefined) {
      throw new RangeError(
        `options.models.${id}.sameLimitsAs must name a model in options.models that has limits of its own, ` +
          `not '${sameLimitsAs}'`,
      )
    }
  }
  return resolved
}

function resolveKeys(keys: unknown): Set<string> | undefined {
  if (keys === undefined) return undefined
  if (!Array.isArray(keys) || !keys.every((key) => typeof key === 'string')) {
    throw new TypeError('options.apiKeys must be an array of strings; leave it out to let any key in')
  }
  return new Set(keys)
}

function resolveFaults(faults: unknown): Fault[] {
  if (faults === undefined) return []
  if (!Array.isArray(faults)) throw new TypeError('options.faults must be an array of faults')
  return faults.map((fault, index) => checkFault(fault, `options.faults[${index}]`))
}
