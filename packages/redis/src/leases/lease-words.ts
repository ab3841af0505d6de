import type { LeaseAnswer, LeaseOp, Part, SliceTold } from './lease-op.ts'

/** All of it but its buckets, and what is wanted of them. */
export function leaseWords({ slices, parts }: LeaseOp): string[] {
  return [...slices.flatMap(sliceWords), `${parts.length}`, ...parts.flatMap(partWords)]
}

function sliceWords(told: SliceTold): string[] {
  const { born, dropped, counted, answered, returned, least, rank, leaseMs, corrections } = told
  return [
    born,
    ...[dropped, counted, answered, returned, least, rank, leaseMs, corrections.length].map(String),
    ...corrections.flatMap(({ at, charged, actual }) => [`${at}`, `${charged}`, `${actual}`]),
  ]
}

function partWords({ id, leaseMs, counted, slotsOpen, entries }: Part): string[] {
  return [
    `${id}`,
    `${leaseMs}`,
    counted === undefined ? '' : `${counted}`,
    slotsOpen ? '1' : '0',
    `${entries.length}`,
    ...entries.flatMap(({ key, born, amount, held, slots }) => [
      key,
      born === '' ? '0' : born,
      `${amount}`,
      held ? '1' : '0',
      slots ? '1' : '0',
    ]),
  ]
}

export function leaseAnswer([at, ...words]: readonly string[]): LeaseAnswer {
  const slices = []
  for (let index = 0; index < words.length; index += 4) {
    const [held, born, wanted, kept] = words.slice(index, index + 4) as [string, string, string, string]
    slices.push({ held: Number(held), born, wanted: wanted === '1', kept: kept === '1' })
  }
  return { kind: 'leased', at: Number(at), slices }
}
