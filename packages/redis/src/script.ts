import { createHash } from 'node:crypto'
import { BUCKET } from './lua/bucket.ts'
import { CLOCK } from './lua/clock.ts'
import { FIXED_WINDOW } from './lua/fixed-window.ts'
import { HELD } from './lua/held.ts'
import { LAYOUT as BUCKET_LAYOUT } from './lua/layout.ts'
import { LEADS } from './lua/leads.ts'
import { LEASES } from './lua/leases.ts'
import { METER } from './lua/meter.ts'
import { OPERATIONS } from './lua/operations.ts'
import { PRELUDE } from './lua/prelude.ts'
import { QUOTA } from './lua/quota.ts'
import { SLIDING_WINDOW } from './lua/sliding-window.ts'
import { SLOTS } from './lua/slots.ts'
import { STEPS } from './lua/steps.ts'
import { TOKEN_BUCKET } from './lua/token-bucket.ts'

/** How buckets are laid out in Redis: keys carry it, so that releases which differ in it never read each other's. */
export const LAYOUT = 'v4'

const BODY = [
  PRELUDE,
  CLOCK,
  BUCKET_LAYOUT,
  STEPS,
  BUCKET,
  METER,
  TOKEN_BUCKET,
  SLIDING_WINDOW,
  FIXED_WINDOW,
  QUOTA,
  SLOTS,
  HELD,
  OPERATIONS,
  LEADS,
  LEASES,
].join('')

/** One function for all operations, named after what it does to the letter: so releases run side by side. */
export const FUNCTION = `plimsoll_${createHash('sha1').update(BODY).digest('hex').slice(0, 16)}`

export const LIBRARY = `#!lua name=${FUNCTION}
${BODY}
redis.register_function('${FUNCTION}', run)
`
