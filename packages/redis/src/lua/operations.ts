/** The operations of core's store port, and the one that is asked for. */
export const OPERATIONS = /* lua */ `
local CLAIM_GRACE = 1000
-- How long a refused one counts as waiting, unless it asks again: then nobody needs to be told of room.
local WANTED = 60000
local n, names, buckets, amounts, leaves

-- False when a period that was sent is not the server's.
local function readBuckets()
  n = nextNum()
  names, buckets, amounts, leaves = {}, {}, {}, {}
  local raw = {}
  for index = 1, n do
    local name, json, span = nextArg(), nextArg(), nextArg()
    names[index], amounts[index], leaves[index] = name, nextNum(), nextNum()
    if span ~= '' then
      local periods = spanOf(span)
      if now < periods.from or now >= periods.next then return false end
    end
    raw[index] = { name, json, span }
  end
  for index = 1, n do buckets[index] = bucketOf(raw[index][1], raw[index][2], raw[index][3]) end
  return true
end

local function stands(claim, holder, rank)
  return claim and claim[1] ~= holder and claim[2] <= rank and claim[4] > now
end

-- The nearest of a reservation and its ancestors that holds a slot of one of these, if it does not lend it already.
local function lenderOf(parent)
  local wanted = {}
  for index = 1, n do wanted[names[index]] = true end
  local line = { parent.id }
  for _, id in ipairs(parent.parents) do line[#line + 1] = id end
  for _, id in ipairs(line) do
    local r = heldOf(id)
    if r and (r.slotsOpen or r.borrower) then
      for index = 1, #r.names do
        if r.slots[index] and wanted[r.names[index]] then
          return r.slotsOpen and not r.borrower and r or nil
        end
      end
    end
  end
end

local O = {}
function O.reserve()
  local id, holder, rank, claimable, leaseMs, parentId = nextArg(), nextArg(), nextNum(), nextNum(), nextNum(), nextArg()
  if not readBuckets() then return { 'period', text(now) } end
  -- What was let in without the store is held whatever room there is.
  local forced = ARGV[3] == 'adopt'
  if forced and heldOf(id) then return { 'granted', epoch } end
  local parent = parentId ~= '' and openOf(parentId) or nil
  local lender = parent and lenderOf(parent) or nil
  local lends = {}
  if lender then for index = 1, #lender.names do lends[lender.names[index]] = lender.born[index] end end
  local taken, lacks, longest = {}, {}, 0
  for index = 1, n do
    local b, amount = buckets[index], amounts[index]
    taken[index] = amount
    if lender and isSlots(b) and lends[b.name] == b.born then
      taken[index] = 0
    elseif amount ~= 0 and not forced then
      local leave = leaves[index] + (stands(b.claim, holder, rank) and b.claim[3] or 0)
      if not fits(b, amount, leave) then
        local never = amount > b.cap
        local wait = never and INF or waitMs(b, amount, leave)
        lacks[#lacks + 1] = { index, wait, never }
        if wait < INF then longest = max(longest, wait) end
      end
    end
  end
  if #lacks > 0 then
    local own = false
    local answer = { 'refused' }
    for _, lack in ipairs(lacks) do
      if lack[1] > claimable then own = true end
      local b = buckets[lack[1]]
      if not lack[3] then b.wanted, b.dirty = now + WANTED, true end
      answer[#answer + 1] = lack[1] - 1
      answer[#answer + 1] = text(lack[2])
      answer[#answer + 1] = lack[3] and 1 or 0
    end
    if own then return answer end
    for index = 1, claimable do
      local b = buckets[index]
      if not stands(b.claim, holder, rank) then
        b.claim, b.dirty = { holder, rank, amounts[index], now + longest + CLAIM_GRACE }, true
      end
    end
    return answer
  end
  local slots, born = {}, {}
  for index = 1, n do
    local b = buckets[index]
    hold(b, taken[index])
    b.lease = max(b.lease, leaseMs)
    if b.claim and b.claim[1] == holder then b.claim = false end
    slots[index], born[index] = isSlots(b), b.born
  end
  local parents = {}
  if parent then
    parents[1] = parent.id
    for _, ancestor in ipairs(parent.parents) do parents[#parents + 1] = ancestor end
  end
  local r = {
    id = id, leaseMs = leaseMs, countedAt = false, slotsOpen = true, borrower = false,
    lender = lender and lender.id or false, parents = parents, names = names, amounts = taken, slots = slots, born = born,
    closed = false,
  }
  records[id] = r
  write(r)
  leaseUntil(r)
  if lender then
    lender.borrower = id
    write(lender)
  end
  return { 'granted', epoch }
end

O.adopt = O.reserve
function O.hello() return { 'hello', epoch } end
-- What was used without the store. Told again, it is not counted again.
function O.charge()
  local id = nextArg()
  if not readBuckets() then return { 'period', text(now) } end
  if not redis.call('SET', P .. 'c:' .. id, '1', 'NX', 'PX', DAY) then return end
  for index = 1, n do if not isSlots(buckets[index]) then count(buckets[index], amounts[index]) end end
end

function O.acknowledge()
  local r = openOf(nextArg())
  if r then acknowledge(r) end
end
function O.refresh()
  local r = openOf(nextArg())
  if not r then return end
  leaseUntil(r)
  write(r)
end
function O.settle()
  local id, refund, count = nextArg(), nextArg() == '1', nextNum()
  local actual = {}
  for index = 1, count do actual[index] = nextNum() end
  local r = openOf(id)
  if r then settle(r, actual, refund) end
end
O['release-slots'] = function()
  local r = openOf(nextArg())
  if r then closeSlots(r) end
end
function O.cancel()
  local r = openOf(nextArg())
  if r then cancel(r) end
end
function O.unclaim()
  local holder, count = nextArg(), nextNum()
  for _ = 1, count do
    local b = known(nextArg())
    if b and b.claim and b.claim[1] == holder then
      b.claim, b.dirty = false, true
      freed(b)
    end
  end
end
function O.pause()
  local forMs = nextNum()
  if not readBuckets() then return { 'period', text(now) } end
  for index = 1, n do
    local b = buckets[index]
    b.dirty = true
    b.pausedUntil = max(b.pausedUntil, now + forMs)
    if b.alg ~= 'slots' then b.sharedUntil = now + SHARED_WINDOWS * b.perMs end
    A[b.alg].pause(b, amounts[index])
  end
end
function O.observe()
  local remaining, resetMs, ageMs = nextNum(), nextArg(), nextNum()
  if not readBuckets() then return { 'period', text(now) } end
  local b = buckets[1]
  b.dirty = true
  if A[b.alg].told then A[b.alg].told(b, remaining, resetMs ~= '' and num(resetMs) or nil, ageMs)
  else told(b, remaining, ageMs) end
end
function O.resize()
  local json = ARGV[at + 3]
  if not readBuckets() then return { 'period', text(now) } end
  local b = buckets[1]
  b.dirty = true
  A[b.alg].resize(b, json)
  freed(b)
end
local function forget(name)
  redis.call('DEL', P .. 'b:' .. name)
  local b = loaded[name]
  if b then b.forgotten = true end
end
function O.forget()
  for _ = 1, nextNum() do forget(nextArg()) end
end
O['forget-holder'] = function()
  local set = P .. 'h:' .. nextArg()
  for _, name in ipairs(redis.call('SMEMBERS', set)) do forget(name) end
  redis.call('DEL', set)
end
function O.peek()
  if not readBuckets() then return { 'period', text(now) } end
  local answer = { 'levels' }
  for index = 1, n do
    local b, amount, leave = buckets[index], amounts[index], leaves[index]
    local wait = (amount == 0 or fits(b, amount, leave)) and 0 or waitMs(b, amount, leave)
    answer[#answer + 1] = text(now < b.pausedUntil and 0 or room(b))
    answer[#answer + 1] = text(b.cap)
    answer[#answer + 1] = text(wait)
  end
  return answer
end

local function run(keys, args)
  begin(keys, args)
  beginBuckets()
  beginHeld()
  expire()
  local answer = O[ARGV[3]]() or { 'done' }
  saveRecords()
  finish()
  return answer
end
`
