import { Cells } from './cells.ts'
import { KEYS } from './names.ts'
import { callRecord } from './record.fixture.ts'
import { MINUTE, START } from './ledger.fixture.ts'

export const TENANT = KEYS.indexOf('tenant')

/** Cells, and what is kept in them. */
export function setUp() {
  const cells = new Cells()
  return {
    cells,
    add: (time: number, tenant?: string) => {
      cells.add(callRecord({ attributes: tenant === undefined ? {} : { tenant } }), START + time)
    },
    age: (time: number) => cells.age(START + time),
    rollUpOldest: (time: number) => cells.rollUpOldest(START + time),
    fold: (...tenants: readonly string[]) =>
      cells.fold(TENANT, new Set(tenants.flatMap((tenant) => cells.names.find(TENANT, tenant) ?? []))),
    /** Of each slot its start and length in minutes, and its requests by tenant. */
    slots: () =>
      Array.from(cells.slots(), ({ from, ms, cells: slot }) => {
        const requests = Array.from(slot, ({ names, cell }) => [names[TENANT]?.value, cell.requests] as const)
        return [(from - START) / MINUTE, ms / MINUTE, Object.fromEntries(requests)]
      }),
  }
}
