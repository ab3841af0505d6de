// What counts and decides, without waiting or calling: each of these files is handed `now`, so a quick test can tell
// it from any change to it. What waits and calls around them is proved by composition, properties and whole programs.
const CORE = [
  'store/!(port|*.fixture|*.test).ts',
  'time/{heap,calendar}.ts',
  'budget/{ageing,arrivals,begun-runs,deadlines,fair-queue,parking,tenant-line,turns,waiter,waiting-room}.ts',
  'budget/{budget-lines,budgets,charges,drain-rate,feedback,higher-use,learner,limit-lines,predicted-wait,store-rest}.ts',
  'tokens/{calibration,classes,encoding,merge,output-quantile,price,sample,slices,utf8}.ts',
  'providers/!(profile|hostile|*.fixture|*.test).ts',
  'accounting/!(*.fixture|*.test).ts',
  'call/{capability,failure-classes,urgency,usage}.ts',
  'retry/{backoff,breaker,hedge-delay,try-budget}.ts',
  'routing/{after,candidates,latencies,no-answer,passes,rank}.ts',
  'caching/{breakpoints,entry,freshness,fuse,identity,keys,nearest,plain,prefixes,valid,worth}.ts',
  'degradation/diet.ts',
]
const REDIS = ['leases/{claims,demand,drawn,heat,holder,ledger,levels,slice,slices}.ts']

export default {
  mutate: [
    ...CORE.map((files) => `packages/core/src/${files}`),
    ...REDIS.map((files) => `packages/redis/src/${files}`),
  ],
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: 'vitest.mutation.config.ts', related: false },
  coverageAnalysis: 'perTest',
  concurrency: 2,
  // On top of what its tests take, half of that again, and all it takes to load them: a busy machine is no loop.
  timeoutMS: 2_000,
  // Stryker would read it by an interface that TypeScript 7 has no more. Nothing here needs it rewritten.
  tsconfigFile: 'none',
  thresholds: { high: 95, low: 90, break: 85 },
  reporters: ['clear-text', 'html', 'json'],
  clearTextReporter: { logTests: false, reportTests: false },
  htmlReporter: { fileName: '.stryker-tmp/report.html' },
  jsonReporter: { fileName: '.stryker-tmp/report.json' },
}
