import { defineConfig } from 'vitest/config'

/**
 * What `pnpm mutate` runs against each mutant: the tests beside the files that are mutated, as far as they are quick.
 * Those of whole pools and clients would find more, and would take a hundred times as long.
 */
export default defineConfig({
  resolve: { conditions: ['@plimsoll/source'] },
  ssr: { resolve: { conditions: ['@plimsoll/source', 'node', 'import', 'default'] } },
  test: {
    include: [
      'packages/core/src/{store,budget,tokens,providers,accounting}/*.test.ts',
      'packages/core/src/time/{heap,calendar}.test.ts',
      'packages/core/src/call/{capability,failure-classes,urgency,usage}.test.ts',
      'packages/core/src/retry/{backoff,breaker,hedge-delay,try-budget}.test.ts',
      'packages/core/src/routing/{after,candidates,latencies,no-answer,passes,rank}.test.ts',
      'packages/core/src/caching/{breakpoints,entry,freshness,fuse,identity,keys,nearest,plain,prefixes,valid,worth}.test.ts',
      'packages/core/src/degradation/diet.test.ts',
      'packages/redis/src/leases/{claims,demand,drawn,heat,holder,ledger,levels,slice,slices,slices-told}.test.ts',
    ],
    exclude: [
      'packages/core/src/budget/{admission,attempt,follow,place-in-line,pool,reservation,sender,targets}.test.ts',
      'packages/core/src/tokens/{build-*,cut,encoder,estimate,exact-part,known-counts}.test.ts',
      'packages/core/src/tokens/{load-table,pieces,ranks,tiktoken}.test.ts',
    ],
    // Nothing here changes what another test may meet, and loading all anew for each would take most of the time.
    isolate: false,
    testTimeout: 30_000,
  },
})
