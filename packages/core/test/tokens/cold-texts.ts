const PROSE =
  "The line painted on a ship's hull shows how deep she may lie in the water. Before it was required by law, owners " +
  'overloaded old ships and insured them for more than they were worth, and crews drowned. It was decided beforehand. '

export const COLD_TEXTS = {
  '100 KB of one letter': () => 'a'.repeat(100_000),
  '1 MB of prose': () => PROSE.repeat(Math.ceil(1_000_000 / PROSE.length)).slice(0, 1_000_000),
} as const
export type ColdText = keyof typeof COLD_TEXTS
