/** Buckets are read when they are first needed, most of them at once with the clock, and written at the end. */
export const BUCKET = /* lua */ `
local A = {}
local changed, changedCount = {}, 0
local woken, wokenByExpiry, expiring
local function beginBuckets()
  beginRemembering()
  changedCount, woken, wokenByExpiry, expiring = 0, nil, nil, false
end
local function change(b)
  if b.dirty then return end
  b.dirty = true
  changedCount = changedCount + 1
  changed[changedCount] = b
end

local function isSlots(b) return b.alg == 'slots' end

local ALGORITHMS = { t = 'token-bucket', w = 'sliding-window', f = 'fixed-window', q = 'quota', s = 'slots' }
local function define(b, definition)
  local letter, flags, cap, perMs, amount, phaseMs, steps, guard =
    string.match(definition, '^(%a)(%a*) ([^ ]+) ([^ ]+) ([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*)$')
  b.cap, b.perMs = num(cap), num(perMs)
  b.amount, b.phaseMs = num(amount) or false, num(phaseMs) or false
  b.live, b.forgettable = string.find(flags, 'l') ~= nil, string.find(flags, 'f') ~= nil
  b.estimated = string.find(flags, 'e') ~= nil
  b.steps = num(steps) or 240
  b.guard = num(guard) or min(500, b.perMs / 100)
  return ALGORITHMS[letter]
end

local function known(name)
  local b = space.buckets[name]
  if b and b.turn == turn then return not b.forgotten and b or nil end
  local key = P .. 'b:' .. name
  local raw = redis.call('GET', key)
  return raw and loadedFrom(name, key, raw)
end

-- The clock, and the buckets that will be needed.
local function start(list)
  if list and #list.keys > 0 then
    local values = redis.call('MGET', space.clock, unpack(list.keys))
    readClock(values[1])
    for index = 1, #list.names do
      local raw = values[index + 1]
      if raw then loadedFrom(list.names[index], list.keys[index], raw) end
    end
  else
    readClock(redis.call('GET', space.clock))
  end
  now = ARGV[1] == '' and serverTime() or num(ARGV[1])
end

local function turnTo(b, periods)
  if b.alg ~= 'quota' then return end
  local from, to, after = periods[1], periods[2], periods[3]
  if now >= to then from, to = to, after end
  if b.mark < from then b.used = 0 end
  b.from, b.to, b.next, b.mark = from, to, after, now
end

local function bucketOf(name, definition)
  local b = known(name)
  if not b then
    b = { name = name, key = P .. 'b:' .. name, turn = turn, isNew = true, claim = false, nextClaim = false, pace = false, more = 0 }
    b.alg = define(b, definition)
    -- No header is about a budget of ours.
    b.lowCount = (b.alg == 'slots' or b.forgettable) and -1 or 0
    b.lowAt, b.low, b.lows = -INF, INF, b.lowCount == 0 and {} or nil
    b.pending, b.doubt, b.unsettled, b.sharedUntil, b.pausedUntil = 0, 0, 0, -INF, -INF
    b.wanted, b.lease, b.ttlUntil = -INF, 0, -INF
    -- What was held of one that was forgotten is not given back to its successor.
    clock.born, clock.dirty = clock.born + 1, true
    b.born = clock.born
    A[b.alg].create(b)
    if not space.buckets[name] then rememberedCount = rememberedCount + 1 end
    space.buckets[name] = b
  end
  return b
end

local function holdersOf(b)
  local kind, holders = string.match(b.name, '^(budget[^:]*):([^:]*)')
  local list = {}
  if kind then for holder in string.gmatch(holders, '[^+]+') do list[#list + 1] = holder end end
  return list
end

-- A bucket that nobody has touched for so long is as good as new.
local function touchTtl(b)
  local needed = A[b.alg].restMs(b)
  if b.pausedUntil - now > needed then needed = b.pausedUntil - now end
  if b.sharedUntil - now > needed then needed = b.sharedUntil - now end
  if b.pace and b.pace[1] - now > needed then needed = b.pace[1] - now end
  needed = now + needed + b.lease
  if b.ttlUntil >= needed and b.ttlUntil ~= INF then return end
  if needed == INF and b.ttlUntil == INF then return end
  b.ttlUntil = needed == INF and INF or needed + DAY
  for _, holder in ipairs(holdersOf(b)) do
    local set = P .. 'h:' .. holder
    redis.call('SADD', set, b.name)
    if b.ttlUntil == INF then redis.call('PERSIST', set)
    elseif redis.call('PTTL', set) ~= -1 or redis.call('SCARD', set) == 1 then
      redis.call('PEXPIRE', set, ceil(max(b.ttlUntil - now, redis.call('PTTL', set))))
    end
  end
  return true
end

local function save(b)
  local key, renew = b.key, touchTtl(b)
  -- Unlike SET it leaves the time to live as it is.
  redis.call('SETRANGE', key, 0, writtenBucket(b))
  if renew then keep(b, key) end
  if b.kept then saveSteps(b, renew) end
end

-- Somebody who was refused may have a chance now.
local function freed(b)
  if b.wanted <= now then return end
  b.wanted = -INF
  if expiring then
    wokenByExpiry = wokenByExpiry or {}
    wokenByExpiry[#wokenByExpiry + 1] = b.name
  else
    woken = woken or {}
    woken[#woken + 1] = b.name
  end
end

local function finish()
  for index = 1, changedCount do
    local b = changed[index]
    changed[index] = false
    if not b.forgotten then save(b) end
  end
  if woken then redis.call('PUBLISH', P .. 'freed', me .. '\\n' .. table.concat(woken, '\\n')) end
  if wokenByExpiry then redis.call('PUBLISH', P .. 'freed', '\\n' .. table.concat(wokenByExpiry, '\\n')) end
end
`
