/** What reservations hold, as core's `Held` has it, and the end of those whose process is gone. */
export const HELD = /* lua */ `
-- How many leases that ran out one operation clears: the next goes on, and until then they only hold too much.
local MOST_EXPIRED = 64
local RECORD = { 'leaseMs', 'countedAt', 'slotsOpen', 'borrower', 'lender', 'parents', 'names', 'amounts', 'slots', 'born', 'closed' }
local records, touched
local function beginHeld() records, touched = {}, {} end

local function heldOf(id)
  local r = records[id]
  if r ~= nil then return r or nil end
  local packed = redis.call('GET', P .. 'r:' .. id)
  if not packed then records[id] = false; return nil end
  local values = cmsgpack.unpack(packed)
  r = { id = id }
  for index = 1, #RECORD do r[RECORD[index]] = values[index] end
  records[id] = r
  return r
end
local function openOf(id)
  local r = heldOf(id)
  if r and not r.closed then return r end
end
local function write(r) touched[r.id] = r end
local function erase(r)
  records[r.id] = false
  touched[r.id] = nil
  redis.call('DEL', P .. 'r:' .. r.id)
end
local function saveRecords()
  for id, r in pairs(touched) do
    local values = {}
    for index = 1, #RECORD do values[index] = r[RECORD[index]] end
    redis.call('SET', P .. 'r:' .. id, cmsgpack.pack(values), 'PX', string.format('%.0f', r.leaseMs + DAY))
  end
end
local function leaseUntil(r)
  redis.call('ZADD', LEASES, text(now + r.leaseMs), r.id)
end

-- A bucket that was forgotten meanwhile has nothing to be told.
local function each(r, fn)
  for index = 1, #r.names do
    local b = known(r.names[index])
    if b and not b.forgotten and b.born == r.born[index] then fn(b, r.amounts[index], index) end
  end
end

local function acknowledge(r)
  if r.countedAt then return end
  r.countedAt = now
  write(r)
  each(r, function(b, amount)
    if b.live then return end
    if isSlots(b) then return count(b) end
    settleDoubt(b, amount)
    drop(b, amount)
    count(b, amount)
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
  acknowledge(r)
  each(r, function(b, charged, index)
    if isSlots(b) then return end
    local used = refund and actual[index] or max(actual[index], charged)
    if b.live then
      settleDoubt(b, charged)
      drop(b, charged)
      count(b, used)
      if used < charged then freed(b) end
    elseif used ~= charged then
      correct(b, r.countedAt, charged, used)
    end
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
      correct(b, r.countedAt, charged, 0)
    end
  end)
  closeSlots(r)
  close(r)
end

local function expire()
  local ended = redis.call('ZRANGEBYSCORE', LEASES, '-inf', text(now), 'LIMIT', 0, MOST_EXPIRED)
  if #ended == 0 then return end
  expiring = true
  for _, id in ipairs(ended) do
    local r = openOf(id)
    if r then settle(r, r.amounts, false) else redis.call('ZREM', LEASES, id) end
  end
  expiring = false
end
`
