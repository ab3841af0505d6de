/**
 * A bucket is one string, and most of it numbers at fixed places, so that to read one is one step and to write what has
 * changed another:
 *
 * - the numbers below, a byte for the algorithm before them;
 * - what is read and written only by those who need it: the lows, the peaks, then the claims and the pace.
 *
 * It is short, for Lua looks at every byte of a string that it is handed. What reads and writes them is written out field by field: a loop over names took twice as long as all the rest.
 */
const COMMON =
  'server stamp pending doubt unsettled sharedUntil pausedUntil wanted lease ttlUntil born cap perMs guard live! estimated! lowAt low lowCount more'
const STEPS = 'slotMs kept current used here ring!'
const OWN = {
  'token-bucket': 'amount? level at peakCount',
  'sliding-window': STEPS,
  'fixed-window': `${STEPS} phaseMs? phase? window?`,
  quota: 'used mark from to next',
  slots: 'ceiling',
}

/** A field that may be none, or is a flag, is a number all the same: NaN is none. */
function readAs(field: string): string {
  const name = nameOf(field)
  if (field.endsWith('?')) return `${name} = ${name} == ${name} and ${name}`
  return field.endsWith('!') ? `${name} = ${name} == 1` : `${name} = ${name}`
}

function writtenAs(field: string): string {
  const name = nameOf(field)
  if (field.endsWith('?')) return `b.${name} or NAN`
  return field.endsWith('!') ? `b.${name} and 1 or 0` : `b.${name}`
}

function nameOf(field: string): string {
  return field.replace(/[?!]$/, '')
}

function codec([algorithm, own]: [string, string], index: number): string {
  const fields = `${COMMON} ${own}`.split(' ')
  const layout = `'<B${'d'.repeat(fields.length)}'`
  return `
READ[${index}] = function(raw)
  local _, ${fields.map(nameOf).join(', ')} = unpacked(${layout}, raw)
  return { alg = '${algorithm}', raw = raw, claim = false, nextClaim = false, pace = false, ${fields.map(readAs).join(', ')} }
end
WRITE['${algorithm}'] = function(b) return pack(${layout}, ${index}, ${fields.map(writtenAs).join(', ')}) end
SIZE['${algorithm}'] = ${1 + 8 * fields.length}
`
}

export const LAYOUT = /* lua */ `
local READ, WRITE, SIZE = {}, {}, {}
${Object.entries(OWN).map(codec).join('')}
local MOST_LOWS = 16

local function listAt(raw, offset, count)
  if count == 0 then return {} end
  local list = { unpacked(doubles(count), raw, offset + 1) }
  -- Where it ended is one more.
  list[count + 1] = nil
  return list
end

-- Pairs of a moment and an amount, one after the other in one list. The last low is apart: most often only that changes.
local function lowsOf(b)
  local lows = b.lows
  if not lows then
    lows = listAt(b.raw, SIZE[b.alg], 2 * b.lowCount)
    b.lows = lows
  end
  return lows
end
-- 'tail': these, or the lows, have changed.
local function peaksOf(b)
  local peaks = b.peaks
  if not peaks then
    peaks = listAt(b.raw, b.peaksAt, 2 * b.peakCount)
    b.peaks = peaks
  end
  return peaks
end

-- A bucket that was written last by us is remembered as it is, and is not read again as long as nobody else has written
-- it: every writing has a stamp of its own, and that of its server, which is made when a server is asked for the first time.
local server, stamps, turn = nil, 0, 0
local rememberedCount, age = 0, 0
local function beginRemembering()
  turn = turn + 1
  if not server then
    local time = redis.call('TIME')
    server = tonumber(string.sub(redis.sha1hex(time[1] .. '.' .. time[2] .. me), 1, 12), 16)
  end
  if rememberedCount > MOST_REMEMBERED then rememberedCount, age = 0, age + 1 end
  if space.age ~= age then space.buckets, space.age = {}, age end
end

local function readBucket(name, key, raw)
  local b = READ[string.byte(raw)](raw)
  b.name, b.key, b.hadRing = name, key, b.ring
  b.peaksAt = SIZE[b.alg] + 16 * max(0, b.lowCount)
  if b.more > 0 then
    local from = b.peaksAt + 16 * (b.peakCount or 0)
    local more = cmsgpack.unpack(string.sub(raw, from + 1, from + b.more))
    b.claim, b.pace, b.nextClaim = more[1], more[2], more[3]
  end
  return b
end

local function loadedFrom(name, key, raw)
  local b = space.buckets[name]
  local writtenBy, stamp = unpacked('<xdd', raw)
  if b and stamp == b.stamp and writtenBy == b.server then
    b.dirty, b.isNew, b.tail = false, false, false
    if b.kept then b.seen, b.puts, b.cleared, b.hadRing = nil, nil, false, b.ring end
  else
    if not b then rememberedCount = rememberedCount + 1 end
    b = readBucket(name, key, raw)
    space.buckets[name] = b
  end
  -- Not to be trusted again until it has been written: something may go wrong on the way.
  b.stamp, b.turn = false, turn
  return b
end

-- All of it that may have changed: it is written over what was there, and what is longer than it counts for nothing.
local function writtenBucket(b)
  stamps = stamps + 1
  b.server, b.stamp = server, stamps
  if not (b.tail or b.claim or b.pace or b.more > 0 or b.isNew) then return WRITE[b.alg](b) end
  local tail = ''
  if b.lowCount >= 0 then
    local lows = lowsOf(b)
    b.lowCount = #lows / 2
    tail = pack(doubles(#lows), unpack(lows))
  end
  if b.peakCount then
    local peaks = peaksOf(b)
    b.peakCount = #peaks / 2
    tail = tail .. pack(doubles(#peaks), unpack(peaks))
  end
  local more = (b.claim or b.pace) and cmsgpack.pack({ b.claim, b.pace or false, b.nextClaim }) or ''
  b.more = #more
  return WRITE[b.alg](b) .. tail .. more
end

local function keep(b, key)
  if b.ttlUntil == INF then redis.call('PERSIST', key)
  else redis.call('PEXPIRE', key, ceil(b.ttlUntil - now)) end
end
`
