import { describe, expect, it } from 'vitest'
import { checkConfig } from './check-config.ts'
import type { PlimsollConfig } from './config.ts'

const limits = (value: unknown) => ({ targets: { 'openai/model': { limits: value } } })
const LIMITS = "targets['openai/model'].limits"

describe('a configuration that is as it should be', () => {
  it.each([
    {},
    limits({ rpm: 1, tpm: 2.5, concurrency: 3 }),
    limits('learn'),
    limits([
      { unit: 'tokens', amount: 5, perMs: 1, algorithm: 'token-bucket', burst: 2 },
      { unit: 'slots', amount: 1 },
    ]),
    {
      budgets: [
        { per: 'tenant', rpm: 1 },
        { per: ['user', 'task'], limits: [{ unit: 'requests', amount: 1, perMs: 5 }] },
      ],
    },
    {
      queue: { maxWaiting: 1, maxWaitMs: 5, ageMs: 5, refuse: 'certain', weight: () => 1 },
      strict: true,
      leaseMs: 5,
    },
    {
      cache: {
        secret: 'a secret that is long',
        store: { get: async () => undefined, set: async () => true },
        maxEntries: 1,
        maxBytes: 1,
        maxEntryBytes: 1,
        deadlineMs: 0.5,
        encryptionKey: new Uint8Array(32),
      },
      tasks: {
        faq: {
          cache: {
            ttlMs: 1,
            staleWhileRevalidateMs: 1,
            staleIfErrorMs: 1,
            scope: 'shared',
            semantic: { embed: async () => [1], threshold: 1, deadlineMs: 1 },
          },
          coalesce: false,
          promptCache: true,
          plans: { premium: { cache: { ttlMs: 1 } } },
        },
      },
    },
  ])('is accepted: %o', (config) => {
    expect(() => checkConfig(config as PlimsollConfig)).not.toThrow()
  })
})

describe('one that is not names the field and the mend', () => {
  it.each([
    [{ target: {} }, '`target` is not an option; remove it or check its spelling'],
    [{ targets: { '': {} } }, 'use a non-empty string'],
    [{ targets: { 'openai/model': { limit: {} } } }, "`targets['openai/model'].limit` is not an option"],
    [{ tasks: { faq: { cache: {} } } }, '`tasks.faq.cache.ttlMs`'],
    [{ tasks: { faq: { cache: { ttlMs: 0 } } } }, '`tasks.faq.cache.ttlMs` is 0; use a number above 0'],
    [{ tasks: { faq: { cache: { ttlMs: 1, scope: 'all' } } } }, "use 'tenant' or 'shared'"],
    [
      { tasks: { faq: { cache: { ttlMs: 1, semantic: { embed: () => [], threshold: 1.1 } } } } },
      'use a number above 0, up to 1',
    ],
    [{ cache: { secret: 'short' } }, 'use at least 16 characters that nobody can guess'],
    [{ cache: { store: { get: async () => 1, set: async () => 1 } } }, '`cache`: set `secret` too'],
    [{ cache: { store: {}, secret: 'a secret that is long' } }, '`cache.store.get`'],
    [{ cache: { encryptionKey: new Uint8Array(16) } }, '`cache.encryptionKey`: use 32 bytes'],
    [{ cache: { encryptionKey: 'a text of thirty-two characters!' } }, 'use 32 bytes'],
    [limits({ rps: 5 }), `\`${LIMITS}.rps\` is not an option`],
    [limits({ rpm: '5' }), `\`${LIMITS}.rpm\` is '5'; use a number above 0`],
    [limits({ rpm: Infinity }), `\`${LIMITS}.rpm\` is Infinity; use a finite number above 0`],
    [limits({ tpm: -1 }), `\`${LIMITS}.tpm\` is -1; use a number above 0`],
    [limits({ concurrency: 1.5 }), `\`${LIMITS}.concurrency\` is 1.5; use a whole number of at least 1`],
    [limits('auto'), `\`${LIMITS}\` is 'auto'; use 'learn', or limits`],
    [limits(5), `\`${LIMITS}\` is 5; use a list of limits, or any of rpm, tpm`],
    [limits([]), `\`${LIMITS}\` is a list; list at least one limit`],
    [
      limits([{ unit: 'words', amount: 5, perMs: 1 }]),
      `\`${LIMITS}[0].unit\` is 'words'; use one of requests, tokens`,
    ],
    [limits([{ unit: 'tokens', amount: 5 }]), `${LIMITS}[0].perMs`],
    [
      limits([{ unit: 'tokens', amount: 5, perMs: 1, algorithm: 'leaky' }]),
      "is 'leaky'; use one of token-bucket, fixed-window",
    ],
    [
      limits([{ unit: 'tokens', amount: 5, perMs: 1, burst: 5 }]),
      "set `algorithm: 'token-bucket'`, or remove it",
    ],
    [{ pools: { p: {} } }, '`pools.p.limits`'],
    [{ budgets: {} }, '`budgets` is an object; use a list of budgets'],
    [{ budgets: [{ rpm: 5 }] }, '`budgets[0].per`'],
    [{ budgets: [{ per: 'team', rpm: 5 }] }, "`budgets[0].per` is 'team'; use tenant, user, feature"],
    [{ budgets: [{ per: [], rpm: 5 }] }, 'name at least one scope'],
    [{ budgets: [{ per: 'tenant' }] }, '`budgets[0]`: add an amount: any of rpm'],
    [
      { budgets: [{ per: 'tenant', rpm: 5, limits: [{ unit: 'slots', amount: 1 }] }] },
      '`budgets[0].rpm` is not an option',
    ],
    [{ strict: 'yes' }, "`strict` is 'yes'; use true or false"],
    [{ queue: { maxWaiting: 0 } }, '`queue.maxWaiting` is 0; use a number above 0'],
    [{ queue: { maxWaitMs: Number.NaN } }, '`queue.maxWaitMs` is NaN; use a number above 0'],
    [{ queue: { refuse: 'never' } }, "`queue.refuse` is 'never'; use 'expected' or 'certain'"],
    [{ queue: { weight: 5 } }, '`queue.weight` is 5; use a function'],
    [{ leaseMs: 0 }, '`leaseMs` is 0; use a number above 0'],
    [{ onEvent: 'log' }, "`onEvent` is 'log'; use a function"],
    [{ store: {} }, '`store.send`'],
    [{ clock: { now: Date.now } }, '`clock.timer`'],
    [null, '`config` is null'],
  ])('%o', (config, message) => {
    expect(() => checkConfig(config as PlimsollConfig)).toThrow(
      expect.objectContaining({ code: 'invalid-config', message: expect.stringContaining(message) }),
    )
  })

  it('names all that is wrong, not only the first', () => {
    const check = () => checkConfig({ leaseMs: 0, strict: 1, colour: 'red' } as unknown as PlimsollConfig)
    expect(check).toThrow(/leaseMs[\s\S]*|strict/)
    for (const field of ['leaseMs', 'strict', 'colour']) expect(check).toThrow(field)
  })
})
