import { lognormal, seeded } from './random.ts'
import type { Random, Sizes } from './random.ts'
import { Library } from './text.ts'

export type Step = 'classify' | 'extract' | 'summarise' | 'answer'

/** One model call, as it will be sent: the same on every side. */
export interface ModelCall {
  readonly step: Step
  readonly model: string
  readonly prompt: string
  /** What the prompt was made to hold. A provider counts somewhat differently. */
  readonly promptTokens: number
  readonly maxOutputTokens: number
  /** How long the fake provider is told to answer. */
  readonly outputTokens: number
  /** Somebody reads it as it comes. */
  readonly interactive: boolean
}

/** One user's workflow: its calls, one after the other. */
export interface Run {
  readonly user: string
  readonly tenant: string
  readonly arrivesMs: number
  readonly calls: readonly ModelCall[]
}

export interface WorkloadOptions {
  readonly seed: number
  readonly users: number
  readonly tenants: number
  /** All have arrived by then. */
  readonly arrivalMs: number
  readonly models: { readonly small: string; readonly large: string }
  /** Whether the prompt tells the fake provider how long to answer; a real one would only be confused. */
  readonly steer: boolean
}

interface Shape {
  readonly step: Step
  readonly model: 'small' | 'large'
  readonly instruction: string
  readonly prompt: Sizes
  readonly output: Sizes
  readonly maxOutputTokens: number
}

/** A support desk's request: what it is about, what it says, what is known, and what the customer is told. */
const SHAPES: readonly Shape[] = [
  {
    step: 'classify',
    model: 'small',
    instruction: 'Answer with one label for this request.',
    prompt: { median: 250, sigma: 0.5 },
    output: { median: 5, sigma: 0.4 },
    maxOutputTokens: 16,
  },
  {
    step: 'extract',
    model: 'small',
    instruction: 'List the facts of this request as pairs of name and value.',
    prompt: { median: 700, sigma: 0.7 },
    output: { median: 70, sigma: 0.6 },
    maxOutputTokens: 200,
  },
  {
    step: 'summarise',
    model: 'large',
    instruction: 'Summarise what is known about this account.',
    prompt: { median: 1_100, sigma: 0.8 },
    output: { median: 120, sigma: 0.6 },
    maxOutputTokens: 320,
  },
  {
    step: 'answer',
    model: 'large',
    instruction: 'Write the answer that the customer will read.',
    prompt: { median: 500, sigma: 0.6 },
    output: { median: 150, sigma: 0.6 },
    maxOutputTokens: 400,
  },
]

const LEAST_PROMPT = 40
/** What a product would cut its context to. */
const MOST_PROMPT = 6_000
/** Role, separators and instruction around the passage. */
const AROUND = 30

/** Everybody's calls, prompts, sizes and arrival times: the same for a seed. */
export function createWorkload(options: WorkloadOptions): Run[] {
  const random = seeded(options.seed)
  const library = new Library(options.seed)
  const arrivals = Array.from({ length: options.users }, () => random() * options.arrivalMs).toSorted(
    (left, right) => left - right,
  )
  return arrivals.map((arrivesMs, index) => ({
    user: `user-${index + 1}`,
    tenant: `tenant-${pickTenant(random, options.tenants)}`,
    arrivesMs,
    calls: SHAPES.map((shape) => modelCall(shape, { random, library, options })),
  }))
}

/** Some tenants are far busier than others: the nth has a share of 1/n. */
function pickTenant(random: Random, tenants: number): number {
  let total = 0
  for (let tenant = 1; tenant <= tenants; tenant++) total += 1 / tenant
  let left = random() * total
  for (let tenant = 1; tenant < tenants; tenant++) {
    left -= 1 / tenant
    if (left <= 0) return tenant
  }
  return tenants
}

function modelCall(
  shape: Shape,
  { random, library, options }: { random: Random; library: Library; options: WorkloadOptions },
): ModelCall {
  const { step, model, instruction, maxOutputTokens } = shape
  const drawn = Math.round(lognormal(random, shape.prompt))
  const promptTokens = Math.min(MOST_PROMPT, Math.max(LEAST_PROMPT, drawn))
  const outputTokens = Math.min(maxOutputTokens, Math.max(1, Math.round(lognormal(random, shape.output))))
  const passage = library.passage(random, promptTokens - AROUND)
  const steering = options.steer ? ` [[tokens=${outputTokens}]]` : ''
  return {
    step,
    model: options.models[model],
    prompt: `${instruction}${passage}${steering}`,
    promptTokens,
    maxOutputTokens,
    outputTokens,
    interactive: step === 'answer',
  }
}
