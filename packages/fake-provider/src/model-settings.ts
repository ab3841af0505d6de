import { checkBoolean, checkNumber, checkObject, checkOneOf, checkString } from './checks.ts'
import { ALGORITHMS, type LimitSettings, resolveLimits } from './limits/limit-settings.ts'
import type { ChargeRule } from './options.ts'
import { hashText, mix, toUnit } from './random.ts'
import type { Scale } from './settings.ts'

/** ModelOptions with every default filled in. */
export interface ModelSettings {
  limits: LimitSettings[]
  concurrency: number | undefined
  charge: ChargeRule
  countRejected: boolean
  sameLimitsAs: string | undefined
  /** Undefined: drawn by seed and model id, since `'*'` stands for many. */
  tokenBias: number | undefined
  outputTokens: { median: number; sigma: number }
  maxOutputTokens: number
  ttftMs: number
  ttftSigma: number
  tokensPerSecond: number
  admissionDelayMs: { min: number; max: number }
  headersAt: 'first-token' | 'admission'
  roundRemaining: boolean
  embeddingDimensions: number
  promptCache: { minTokens: number; ttlMs: number } | undefined
}

const LIMIT_FIELDS = ['limits', 'rpm', 'tpm', 'itpm', 'otpm', 'rpd', 'tpd', 'algorithm']
const CHARGE_FIELDS = ['concurrency', 'charge', 'countRejected', 'sameLimitsAs', 'tokenBias', 'promptCache']
const ANSWER_FIELDS = [
  'outputTokens',
  'maxOutputTokens',
  'embeddingDimensions',
  'headersAt',
  'roundRemaining',
]
const TIME_FIELDS = ['ttftMs', 'ttftSigma', 'tokensPerSecond', 'admissionDelayMs']
const KNOWN = [...LIMIT_FIELDS, ...CHARGE_FIELDS, ...ANSWER_FIELDS, ...TIME_FIELDS]

export function resolveModel(id: string, options: unknown, scale: Scale): ModelSettings {
  const at = `options.models.${id}`
  checkObject(options, at, KNOWN)
  const algorithm = checkOneOf(options['algorithm'], `${at}.algorithm`, ALGORITHMS) ?? 'token-bucket'
  const limits = resolveLimits(options, {
    at,
    algorithm,
    scale: { ...scale, seed: mix(scale.seed, hashText(id)) },
  })
  const concurrency = checkNumber(options['concurrency'], `${at}.concurrency`, { min: 1, integer: true })
  const sameLimitsAs = checkString(options['sameLimitsAs'], `${at}.sameLimitsAs`)
  if (sameLimitsAs !== undefined && (limits.length > 0 || concurrency !== undefined)) {
    throw new RangeError(`${at}.sameLimitsAs excludes limits of its own: take out the one or the others`)
  }
  return {
    limits,
    concurrency,
    charge: checkOneOf(options['charge'], `${at}.charge`, ['sum', 'max', 'actual']) ?? 'sum',
    countRejected: checkBoolean(options['countRejected'], `${at}.countRejected`) ?? false,
    sameLimitsAs,
    tokenBias: checkNumber(options['tokenBias'], `${at}.tokenBias`, { min: 0.5, max: 2 }),
    outputTokens: resolveOutput(options['outputTokens'], `${at}.outputTokens`),
    maxOutputTokens: positive(options, 'maxOutputTokens', at) ?? 16_384,
    ttftMs: checkNumber(options['ttftMs'], `${at}.ttftMs`, { min: 0 }) ?? 30,
    ttftSigma: checkNumber(options['ttftSigma'], `${at}.ttftSigma`, { min: 0, max: 3 }) ?? 0.3,
    tokensPerSecond: checkNumber(options['tokensPerSecond'], `${at}.tokensPerSecond`, { above: 0 }) ?? 1000,
    admissionDelayMs: resolveDelay(options['admissionDelayMs'], `${at}.admissionDelayMs`),
    headersAt:
      checkOneOf(options['headersAt'], `${at}.headersAt`, ['first-token', 'admission']) ?? 'first-token',
    roundRemaining: checkBoolean(options['roundRemaining'], `${at}.roundRemaining`) ?? false,
    embeddingDimensions: positive(options, 'embeddingDimensions', at) ?? 8,
    promptCache: resolveCache(options['promptCache'], `${at}.promptCache`, scale),
  }
}

/** Within 0.85 to 1.15, the same for a seed and a model id on every run. */
export function drawTokenBias(seed: number, id: string): number {
  return 0.85 + 0.3 * toUnit(mix(seed, hashText(id, 7)))
}

function positive(options: Record<string, unknown>, name: string, at: string): number | undefined {
  return checkNumber(options[name], `${at}.${name}`, { min: 1, integer: true })
}

function resolveOutput(value: unknown, field: string): { median: number; sigma: number } {
  if (value === undefined) return { median: 120, sigma: 0.9 }
  checkObject(value, field, ['median', 'sigma'])
  return {
    median: checkNumber(value['median'], `${field}.median`, { min: 1 }) ?? 120,
    sigma: checkNumber(value['sigma'], `${field}.sigma`, { min: 0, max: 3 }) ?? 0.9,
  }
}

function resolveDelay(value: unknown, field: string): { min: number; max: number } {
  if (value === undefined) return { min: 0, max: 0 }
  if (typeof value === 'number') {
    const exact = checkNumber(value, field, { min: 0 }) ?? 0
    return { min: exact, max: exact }
  }
  checkObject(value, field, ['min', 'max'])
  const min = checkNumber(value['min'], `${field}.min`, { min: 0 }) ?? 0
  return { min, max: checkNumber(value['max'], `${field}.max`, { min }) ?? min }
}

function resolveCache(value: unknown, field: string, scale: Scale): ModelSettings['promptCache'] {
  if (value === undefined) return undefined
  checkObject(value, field, ['minTokens', 'ttlMs'])
  return {
    minTokens: checkNumber(value['minTokens'], `${field}.minTokens`, { min: 1, integer: true }) ?? 1024,
    ttlMs: checkNumber(value['ttlMs'], `${field}.ttlMs`, { above: 0 }) ?? 5 * scale.minuteMs,
  }
}
