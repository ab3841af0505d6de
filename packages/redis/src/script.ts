import { createHash } from 'node:crypto'
import { BUCKET } from './lua/bucket.ts'
import { FIXED_WINDOW } from './lua/fixed-window.ts'
import { HELD } from './lua/held.ts'
import { METER } from './lua/meter.ts'
import { OPERATIONS } from './lua/operations.ts'
import { PRELUDE } from './lua/prelude.ts'
import { QUOTA } from './lua/quota.ts'
import { SLIDING_WINDOW } from './lua/sliding-window.ts'
import { SLOTS } from './lua/slots.ts'
import { TOKEN_BUCKET } from './lua/token-bucket.ts'

/** How buckets are laid out in Redis: keys carry it, so that releases which differ in it never read each other's. */
export const LAYOUT = 'v1'

/** One text for all operations: Redis compiles it once, and knows it by its hash, so releases run side by side. */
export const SCRIPT = [
  PRELUDE,
  BUCKET,
  METER,
  TOKEN_BUCKET,
  SLIDING_WINDOW,
  FIXED_WINDOW,
  QUOTA,
  SLOTS,
  HELD,
  OPERATIONS,
].join('')

export const SCRIPT_SHA = createHash('sha1').update(SCRIPT).digest('hex')
