import { checkBoolean, checkNumber, checkObject, checkOneOf, checkString, isFields } from '../checks.ts'
import { type Fault, FAULT_FIELDS, type FaultKind } from './fault.ts'

const KINDS = Object.keys(FAULT_FIELDS) as FaultKind[]

/** Throws a TypeError or RangeError that names the field; a fault that passes is safe to run. */
export function checkFault(value: unknown, field = 'fault'): Fault {
  if (!isFields(value)) throw new TypeError(`${field} must be an object with a kind, such as { kind: 'cut' }`)
  const kind = checkOneOf(value['kind'], `${field}.kind`, KINDS)
  if (!kind) throw new TypeError(`${field}.kind is missing: use one of ${KINDS.join(', ')}`)
  const own = FAULT_FIELDS[kind]
  checkObject(value, field, ['kind', 'model', 'times', 'rate', 'afterRequests', ...Object.keys(own)])
  checkString(value['model'], `${field}.model`)
  checkNumber(value['times'], `${field}.times`, { min: 1, integer: true })
  checkNumber(value['rate'], `${field}.rate`, { min: 0, max: 1 })
  checkNumber(value['afterRequests'], `${field}.afterRequests`, { min: 0, integer: true })
  for (const [name, type] of Object.entries(own)) {
    if (type === 'boolean') checkBoolean(value[name], `${field}.${name}`)
    else checkNumber(value[name], `${field}.${name}`, { min: 0 })
  }
  if (kind === 'slow-first-token' && value['ms'] === undefined) {
    throw new TypeError(`${field}.ms is missing: say how much later the first token comes`)
  }
  return { ...value, kind } as Fault
}
