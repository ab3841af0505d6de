/** The operations of core's store port, and the one that is asked for. */
export const OPERATIONS = /* lua */ `
local CLAIM_GRACE = 1000
-- How long a refused one counts as waiting, unless it asks again: then nobody needs to be told of room.
local WANTED = 60000
local n, asked, names
local amounts, leaves
local buckets, nothing, born = {}, {}, {}

-- False when a period that was sent is not the server's.
local function readBuckets()
  local described = space.described(nextArg())
  asked = described.list
  names = asked.names
  n = #names
  amounts = cjson.decode(nextArg())
  local kept, periods = nextArg(), described.periods
  if kept ~= '' then leaves = cjson.decode(kept)
  else
    for index = #nothing + 1, n do nothing[index] = 0 end
    leaves = nothing
  end
  if periods then
    for _, span in pairs(periods) do if now < span[1] or now >= span[3] then return false end end
  end
  for index = 1, n do
    local b = bucketOf(names[index], described.definitions[index])
    if periods and periods[index] then turnTo(b, periods[index]) end
    buckets[index] = b
  end
  return true
end

-- As core's Claims: { holder, rank, amount, until }
local function firstClaim(b)
  if b.claim and b.claim[4] <= now then
    b.claim = b.nextClaim and b.nextClaim[4] > now and b.nextClaim
    b.nextClaim = false
  end
  return b.claim
end
local function claimedAgainst(b, holder, rank)
  local first = firstClaim(b)
  return first and first[1] ~= holder and first[2] <= rank and first[3] or 0
end
local function yields(claim, holder, rank) return claim[1] == holder or claim[2] > rank end
local function layClaim(b, claim)
  local first, after = firstClaim(b), b.nextClaim
  if not first or yields(first, claim[1], claim[2]) then
    b.claim = claim
    if after and after[1] == claim[1] then b.nextClaim = false end
  elseif not after or after[4] <= now or yields(after, claim[1], claim[2]) then
    b.nextClaim = claim
  end
end
local function giveUpClaim(b, holder)
  if b.nextClaim and b.nextClaim[1] == holder then b.nextClaim = false end
  if not b.claim or b.claim[1] ~= holder then return false end
  b.claim, b.nextClaim = b.nextClaim, false
  return true
end

-- The nearest of a reservation and its ancestors that holds a slot of one of these, if it does not lend it already.
local function lenderOf(parent)
  local wanted = {}
  for index = 1, n do if isSlots(buckets[index]) then wanted[names[index]] = true end end
  local line = { parent.id }
  for _, id in ipairs(parent.parents) do line[#line + 1] = id end
  for _, id in ipairs(line) do
    local r = heldOf(id)
    if r and (r.slotsOpen or r.borrower) then
      for index = 1, #r.names do
        if wanted[r.names[index]] then return r.slotsOpen and not r.borrower and r or nil end
      end
    end
  end
end

local O = {}
function O.reserve()
  if not readBuckets() then return 'period ' .. text(now) end
  local terms, id, holder, parentId = numbersOf(nextArg()), nextArg(), nextArg(), nextArg()
  local rank, claimable, leaseMs = terms[1], terms[2], terms[3]
  -- What was let in without the store is held whatever room there is.
  local forced = ARGV[3] == 'adopt'
  if forced and heldOf(id) then return clock.granted end
  local parent = parentId and openOf(parentId)
  local lender = parent and lenderOf(parent) or nil
  local lends
  if lender then
    lends = {}
    for index = 1, #lender.names do lends[lender.names[index]] = lender.born[index] end
  end
  local taken, lacks, longest = amounts, nil, 0
  if lender then taken = { unpack(amounts, 1, n) } end
  for index = 1, n do
    local b, amount = buckets[index], amounts[index]
    if lender and isSlots(b) and lends[b.name] == b.born then
      taken[index] = 0
    elseif amount ~= 0 and not forced then
      local leave = leaves[index] + claimedAgainst(b, holder, rank)
      if not fits(b, amount, leave) then
        local never = amount > b.cap
        local wait = never and INF or waitMs(b, amount, leave)
        lacks = lacks or {}
        lacks[#lacks + 1] = { index, wait, never }
        if wait < INF then longest = max(longest, wait) end
      end
    end
  end
  if lacks then
    local own = false
    local answer = { 'refused' }
    for _, lack in ipairs(lacks) do
      if lack[1] > claimable then own = true end
      local b = buckets[lack[1]]
      if not lack[3] then
        change(b)
        b.wanted = now + WANTED
      end
      answer[#answer + 1] = lack[1] - 1
      answer[#answer + 1] = text(lack[2])
      answer[#answer + 1] = lack[3] and 1 or 0
    end
    answer = table.concat(answer, ' ')
    if own then return answer end
    for index = 1, claimable do
      local b = buckets[index]
      change(b)
      layClaim(b, { holder, rank, amounts[index], now + longest + CLAIM_GRACE })
    end
    return answer
  end
  for index = 1, n do
    local b = buckets[index]
    hold(b, taken[index])
    b.lease = max(b.lease, leaseMs)
    giveUpClaim(b, holder)
    born[index] = b.born
  end
  local parents = NONE
  if parent then
    parents = { parent.id }
    for _, ancestor in ipairs(parent.parents) do parents[#parents + 1] = ancestor end
  end
  local r = {
    id = id, leaseMs = leaseMs, countedAt = false, slotsOpen = true, borrower = false,
    lender = lender and lender.id or false, parents = parents, list = asked, names = names, amounts = taken, born = born, closed = false,
  }
  records[id] = r
  write(r)
  leaseUntil(r)
  if lender then
    lender.borrower = id
    write(lender)
  end
  return clock.granted
end

O.adopt = O.reserve
function O.hello() return 'hello ' .. epoch end
-- What was used without the store. Told again, it is not counted again.
function O.charge()
  if not readBuckets() then return 'period ' .. text(now) end
  local id = nextArg()
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
  local id, refund, actual = nextArg(), nextArg() == '1', cjson.decode(nextArg())
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
    if b then
      local claimed = b.claim or b.nextClaim
      if giveUpClaim(b, holder) then freed(b) end
      if claimed then change(b) end
    end
  end
end
function O.pause()
  if not readBuckets() then return 'period ' .. text(now) end
  local forMs = nextNum()
  for index = 1, n do
    local b = buckets[index]
    change(b)
    b.pausedUntil = max(b.pausedUntil, now + forMs)
    if b.alg ~= 'slots' then b.sharedUntil = now + SHARED_WINDOWS * b.perMs end
    A[b.alg].pause(b, amounts[index])
  end
end
function O.observe()
  if not readBuckets() then return 'period ' .. text(now) end
  local remaining, resetMs, ageMs = nextNum(), nextArg(), nextNum()
  local b = buckets[1]
  change(b)
  if A[b.alg].told then A[b.alg].told(b, remaining, resetMs ~= '' and num(resetMs) or nil, ageMs)
  else told(b, remaining, ageMs) end
end
function O.resize()
  local definition = space.described(ARGV[4]).definitions[1]
  if not readBuckets() then return 'period ' .. text(now) end
  local b = buckets[1]
  change(b)
  A[b.alg].resize(b, definition)
  freed(b)
end
local function forget(name)
  redis.call('DEL', P .. 'b:' .. name, P .. 'w:' .. name)
  local b = space.buckets[name]
  if b then b.forgotten, b.stamp, b.turn = true, false, turn end
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
  if not readBuckets() then return 'period ' .. text(now) end
  local answer = { 'levels' }
  for index = 1, n do
    local b, amount, leave = buckets[index], amounts[index], leaves[index]
    local wait = (amount == 0 or fits(b, amount, leave)) and 0 or waitMs(b, amount, leave)
    answer[#answer + 1] = text(now < b.pausedUntil and 0 or room(b))
    answer[#answer + 1] = text(b.cap)
    answer[#answer + 1] = text(wait)
  end
  return table.concat(answer, ' ')
end

-- What an operation is sure to need is read at once.
local function askedFor() return space.described(ARGV[4]).list end
local function heldBy()
  local r = heldOf(ARGV[4])
  return r and r.list
end
local NEEDS = {
  reserve = askedFor, adopt = askedFor, charge = askedFor, pause = askedFor, observe = askedFor, resize = askedFor,
  peek = askedFor, lease = askedFor, acknowledge = heldBy, settle = heldBy, ['release-slots'] = heldBy, cancel = heldBy,
}
local function run(keys, args)
  begin(keys, args)
  beginBuckets()
  beginHeld()
  local needs = NEEDS[ARGV[3]]
  start(needs and needs())
  expire()
  local answer = O[ARGV[3]]() or clock.done
  if type(answer) == 'table' then answer = table.concat(answer, ' ') end
  saveRecords()
  saveClock()
  finish()
  return answer
end
`
