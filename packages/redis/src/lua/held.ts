/** What reservations hold, as core's `Held` has it, and the end of those whose process is gone. */
export const HELD = /* lua */ `
-- How many leases that ran out one operation clears: the next goes on, and until then they only hold too much.
local MOST_EXPIRED = 64
local records, touched, touchedCount = {}, {}, 0
local function beginHeld()
  if next(records) then records = {} end
  touchedCount = 0
end

-- All reservations are in one hash. What was held of each bucket, and the names of these, as they were asked for.
local RECORD, RECORD_SIZE = '<BHIdd', 23
local SLOTS_OPEN, CLOSED = 1, 2
local function readRecord(id, packed)
  local flags, count, kinSize, leaseMs, countedAt = unpacked(RECORD, packed)
  local from = RECORD_SIZE
  local amounts = listAt(packed, from, count)
  local born = listAt(packed, from + 8 * count, count)
  from = from + 16 * count
  local list = space.listOf(string.sub(packed, from + kinSize + 1))
  local kin = kinSize > 0 and cmsgpack.unpack(string.sub(packed, from + 1, from + kinSize))
  return {
    id = id, leaseMs = leaseMs, countedAt = countedAt == countedAt and countedAt,
    slotsOpen = flags % 2 == 1, closed = flags >= CLOSED, amounts = amounts, born = born, list = list, names = list.names,
    borrower = kin and kin[1], lender = kin and kin[2], parents = kin and kin[3] or NONE,
  }
end
local scratch = {}
local function writtenRecord(r)
  local count = #r.names
  local kin = ''
  if r.borrower or r.lender or #r.parents > 0 then kin = cmsgpack.pack({ r.borrower, r.lender, r.parents }) end
  local flags = (r.slotsOpen and SLOTS_OPEN or 0) + (r.closed and CLOSED or 0)
  local counts, amounts, born = scratch, r.amounts, r.born
  for index = 1, count do counts[index], counts[count + index] = amounts[index], born[index] end
  return pack(RECORD, flags, count, #kin, r.leaseMs, r.countedAt or NAN)
    .. pack(doubles(2 * count), unpack(counts, 1, 2 * count)) .. kin .. r.list.word
end

local function heldOf(id)
  local r = records[id]
  if r ~= nil then return r or nil end
  local packed = redis.call('HGET', space.held, id)
  if not packed then records[id] = false; return nil end
  r = readRecord(id, packed)
  records[id] = r
  return r
end
local function openOf(id)
  local r = heldOf(id)
  if r and not r.closed then return r end
end
local function write(r)
  if r.touched then return end
  r.touched = true
  touchedCount = touchedCount + 1
  touched[touchedCount] = r
end
local function erase(r)
  records[r.id] = false
  r.erased = true
  redis.call('HDEL', space.held, r.id)
end

-- A score is in whole microseconds, the finest that the server's clock knows.
local function microseconds(ms)
  return ms < 1e12 * 1000 and floor(ms * 1000 + 0.5) or INF
end
local function leaseUntil(r)
  local ends = microseconds(now + r.leaseMs)
  redis.call('ZADD', LEASES, ends < INF and string.format('%d', ends) or 'inf', r.id)
  if ends < clock.firstEnd then clock.firstEnd, clock.dirty = ends, true end
  if now + r.leaseMs + DAY > clock.keptUntil then clock.keptUntil, clock.dirty, clock.renew = now + r.leaseMs + 2 * DAY, true, true end
end
local function saveRecords()
  for index = 1, touchedCount do
    local r = touched[index]
    touched[index] = false
    if not r.erased then redis.call('HSET', space.held, r.id, writtenRecord(r)) end
  end
  if not clock.renew then return end
  -- Something that never goes: an empty one would be gone, and with it how long it is kept.
  redis.call('ZADD', LEASES, 'inf', '')
  redis.call('HSET', space.held, '', '')
  for _, key in ipairs({ LEASES, space.held }) do
    if clock.keptUntil < INF then redis.call('PEXPIRE', key, ceil(clock.keptUntil - now))
    else redis.call('PERSIST', key) end
  end
end

-- A bucket that was forgotten meanwhile has nothing to be told.
local function each(r, fn)
  for index = 1, #r.names do
    local b = known(r.names[index])
    if b and not b.forgotten and b.born == r.born[index] then fn(b, r.amounts[index], index) end
  end
end

local function countHeld(b, charged, used)
  settleDoubt(b, charged)
  drop(b, charged)
  count(b, used)
end

local function acknowledge(r)
  if r.countedAt then return end
  r.countedAt = now
  write(r)
  each(r, function(b, amount)
    if isSlots(b) then return count(b) end
    if b.live then return end
    countHeld(b, amount, amount)
    b.unsettled = b.unsettled + amount
  end)
end

local function freeSlots(r)
  each(r, function(b, amount)
    if not isSlots(b) then return end
    drop(b, amount)
    freed(b)
  end)
  local lender = r.lender and heldOf(r.lender)
  if not lender then return end
  lender.borrower = false
  write(lender)
  if lender.slotsOpen then return end
  freeSlots(lender)
  if lender.closed then erase(lender) end
end

local function closeSlots(r)
  if not r.slotsOpen then return end
  r.slotsOpen = false
  write(r)
  -- A borrower outlives its lender now and then; the slot is in use until both have ended.
  if not r.borrower then freeSlots(r) end
end

local function close(r)
  redis.call('ZREM', LEASES, r.id)
  if r.borrower then
    r.closed = true
    write(r)
  else
    erase(r)
  end
end

local function settle(r, actual, refund)
  local counted = r.countedAt
  r.countedAt = counted or now
  each(r, function(b, charged, index)
    if isSlots(b) then
      if not counted then count(b) end
      return
    end
    local used = refund and actual[index] or max(actual[index], charged)
    if b.live or not counted then
      countHeld(b, charged, used)
      if used < charged then freed(b) end
      return
    end
    settled(b, charged)
    if used ~= charged then correct(b, r.countedAt, charged, used) end
  end)
  closeSlots(r)
  close(r)
end

local function cancel(r)
  each(r, function(b, charged)
    if isSlots(b) then return end
    if not r.countedAt or b.live then
      drop(b, charged)
      freed(b)
    else
      settled(b, charged)
      correct(b, r.countedAt, charged, 0)
    end
  end)
  closeSlots(r)
  close(r)
end

local function expire()
  local moment = microseconds(now)
  if moment < clock.firstEnd then return end
  local ended = redis.call('ZRANGEBYSCORE', LEASES, '-inf', string.format('%d', moment), 'LIMIT', 0, MOST_EXPIRED)
  expiring = true
  for _, id in ipairs(ended) do
    local r = openOf(id)
    if r then settle(r, r.amounts, false) else redis.call('ZREM', LEASES, id) end
  end
  expiring = false
  local first = redis.call('ZRANGE', LEASES, 0, 0, 'WITHSCORES')
  clock.firstEnd, clock.dirty = first[2] and tonumber(first[2]) or INF, true
end
`
