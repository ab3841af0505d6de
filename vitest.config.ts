import { defineConfig } from 'vitest/config'

export default defineConfig({
  // Workspace packages resolve to their sources: nothing has to be built before a test.
  resolve: { conditions: ['@plimsoll/source'] },
  ssr: { resolve: { conditions: ['@plimsoll/source', 'node', 'import', 'default'] } },
  test: {
    testTimeout: 30_000,
    pool: 'forks',
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'units',
          include: [
            'packages/*/src/**/*.test.ts',
            'packages/{core,ai-sdk,langchain,fake-provider,effect}/test/**/*.test.ts',
          ],
          typecheck: { enabled: true, include: ['packages/*/test/**/*.test-d.ts'] },
        },
      },
      {
        extends: true,
        test: {
          name: 'load',
          // Whole programs, a server and its client in processes of their own: they want both cores to themselves.
          include: [
            'packages/{cli,redis,sqlite}/test/**/*.test.ts',
            'packages/langchain/load/**/*.test.ts',
            'examples/test/**/*.test.ts',
          ],
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
