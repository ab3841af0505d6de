import { defineConfig } from 'vitest/config'

export default defineConfig({
  // Workspace packages resolve to their sources: nothing has to be built before a test.
  resolve: { conditions: ['@plimsoll/source'] },
  ssr: { resolve: { conditions: ['@plimsoll/source', 'node', 'import', 'default'] } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'packages/*/test/**/*.test.ts', 'examples/test/**/*.test.ts'],
    typecheck: { enabled: false, include: ['packages/*/test/**/*.test-d.ts'] },
    testTimeout: 30_000,
    pool: 'forks',
    maxWorkers: 2,
  },
})
