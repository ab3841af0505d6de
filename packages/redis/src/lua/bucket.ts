/**
 * A bucket is one hash: all that is small, packed into one field, and one field for each step of a sliding window in
 * which something was counted. Read when it is first needed, written once, at the end of the script.
 */
export const BUCKET = /* lua */ `
local COMMON = {
  'alg', 'cap', 'perMs', 'guard', 'live', 'pending', 'doubt', 'sharedUntil', 'pausedUntil', 'claim', 'wanted', 'lease',
  'ttlUntil', 'born', 'lowAt', 'lows',
}
local FIELDS = {
  ['token-bucket'] = { 'amount', 'level', 'at', 'peakAt', 'peaks' },
  ['sliding-window'] = { 'steps', 'pace', 'current', 'used' },
  ['fixed-window'] = { 'steps', 'pace', 'current', 'used', 'phaseMs', 'phase', 'window' },
  quota = { 'used', 'mark', 'from', 'to', 'next' },
  slots = { 'ceiling' },
}
local A = {}
local loaded, order, woken, wokenByExpiry, expiring
local function beginBuckets()
  loaded, order, woken, wokenByExpiry, expiring = {}, {}, {}, {}, false
end

local function isSlots(b) return b.alg == 'slots' end

local function define(b, json)
  local d = cjson.decode(json)
  b.cap, b.perMs = num(d.capacity), num(d.perMs)
  b.amount = d.amount and num(d.amount) or false
  b.phaseMs = d.phaseMs and num(d.phaseMs) or false
  b.live, b.forgettable = d.live or false, d.forgettable or false
  b.steps = d.steps and num(d.steps) or 240
  b.guard = d.guardMs and num(d.guardMs) or min(500, b.perMs / 100)
  return d.algorithm
end

local function known(name)
  local b = loaded[name]
  if b then return b end
  local packed = redis.call('HGET', P .. 'b:' .. name, 'm')
  if not packed then return nil end
  local values = cmsgpack.unpack(packed)
  b = { name = name, slots = {}, gone = {} }
  for index = 1, #COMMON do b[COMMON[index]] = values[index] end
  local own = FIELDS[b.alg]
  for index = 1, #own do b[own[index]] = values[#COMMON + index] end
  loaded[name] = b
  order[#order + 1] = b
  return b
end

-- The calendar's periods as the caller knows them: [start, end), and when the next one ends.
local function spanOf(s)
  if s == '' then return nil end
  local from, to, after = string.match(s, '^(%S+) (%S+) (%S+)$')
  return { from = num(from), to = num(to), next = num(after) }
end

local function bucketOf(name, json, span)
  local b = known(name)
  if not b then
    b = { name = name, slots = {}, gone = {}, isNew = true }
    b.alg = define(b, json)
    -- No header is about a budget of ours.
    b.lowAt, b.lows = false, false
    if b.alg ~= 'slots' and not b.forgettable then b.lowAt, b.lows = {}, {} end
    b.pending, b.doubt, b.sharedUntil, b.pausedUntil = 0, 0, -INF, -INF
    b.claim, b.wanted, b.lease, b.ttlUntil = false, -INF, 0, -INF
    -- What was held of one that was forgotten is not given back to its successor.
    b.born = redis.call('HINCRBY', P .. 'clock', 'born', 1)
    A[b.alg].create(b)
    loaded[name] = b
    order[#order + 1] = b
  end
  local periods = spanOf(span)
  if periods and b.alg == 'quota' then
    if now >= periods.to then periods.from, periods.to = periods.to, periods.next end
    if b.mark < periods.from then b.used = 0 end
    b.from, b.to, b.next, b.mark = periods.from, periods.to, periods.next, now
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
local function keepUntil(b)
  local rest = max(A[b.alg].restMs(b), b.pausedUntil - now, 0)
  if b.pace then rest = max(rest, b.pace[1] - now) end
  rest = max(rest, b.sharedUntil - now)
  return now + rest + b.lease
end

local function touchTtl(b, key)
  local needed = keepUntil(b)
  if b.ttlUntil ~= INF and b.ttlUntil >= needed then return end
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
  local key = P .. 'b:' .. b.name
  local renew = touchTtl(b, key)
  local values = {}
  local own = FIELDS[b.alg]
  -- A hole would end the list.
  for index = 1, #COMMON do values[index] = b[COMMON[index]] or false end
  for index = 1, #own do values[#COMMON + index] = b[own[index]] or false end
  local set = { 'HSET', key, 'm', cmsgpack.pack(values) }
  local gone = b.gone
  for slot, amount in pairs(b.slots) do
    if amount == 0 then gone[#gone + 1] = 's' .. slot
    else set[#set + 1] = 's' .. slot; set[#set + 1] = text(amount) end
  end
  for from = 1, #gone, 1000 do redis.call('HDEL', key, unpack(gone, from, min(from + 999, #gone))) end
  for from = 3, #set, 2000 do
    redis.call('HSET', key, unpack(set, from, min(from + 1999, #set)))
  end
  if not renew then return end
  if b.ttlUntil == INF then redis.call('PERSIST', key)
  else redis.call('PEXPIRE', key, ceil(b.ttlUntil - now)) end
end

-- Somebody who was refused may have a chance now.
local function freed(b)
  if b.wanted <= now then return end
  b.wanted = -INF
  local list = expiring and wokenByExpiry or woken
  list[#list + 1] = b.name
end

local function finish()
  for _, b in ipairs(order) do if b.dirty and not b.forgotten then save(b) end end
  if #woken > 0 then redis.call('PUBLISH', P .. 'freed', me .. '\\n' .. table.concat(woken, '\\n')) end
  if #wokenByExpiry > 0 then redis.call('PUBLISH', P .. 'freed', '\\n' .. table.concat(wokenByExpiry, '\\n')) end
end
`
