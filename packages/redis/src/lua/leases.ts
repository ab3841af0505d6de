/**
 * What a process holds of a bucket to admit from by itself. In the store it is a reservation of that bucket alone, and ends as
 * others do when its lease runs out: all of it counts, since nobody knows how much was used.
 */
export const LEASES = /* lua */ `
local function sliceName(name) return me .. ':s:' .. name end
-- One of a bucket that was forgotten since is none.
local function sliceOf(name, born)
  local r = openOf(sliceName(name))
  if r and r.born[1] == born then return r end
end
local function keepSlice(r)
  if r.amounts[1] <= ROUNDING then return close(r) end
  leaseUntil(r)
  write(r)
end

local function readSlice()
  local t = {
    born = nextArg(), dropped = nextNum(), counted = nextNum(), answered = nextNum(), returned = nextNum(),
    least = nextNum(), rank = nextNum(), leaseMs = nextNum(), corrections = {},
  }
  for index = 1, nextNum() do t.corrections[index] = { nextNum(), nextNum(), nextNum() } end
  return t
end
local function readPart()
  local p = { id = nextArg(), leaseMs = nextNum(), counted = nextArg(), slotsOpen = nextArg() == '1', entries = {} }
  for index = 1, nextNum() do
    p.entries[index] = {
      name = nextArg(), born = nextNum(), amount = nextNum(), held = nextArg() == '1', slots = nextArg() == '1',
    }
  end
  return p
end

local function tellSlice(b, t)
  if t.born ~= '' and num(t.born) ~= b.born then return end
  for _, c in ipairs(t.corrections) do correct(b, c[1], c[2], c[3]) end
  local r = sliceOf(b.name, b.born)
  if not r then
    -- Its lease has run out, and all of it was counted then.
    if t.counted > t.dropped then count(b, t.counted - t.dropped) end
    return
  end
  if isSlots(b) then
    for _ = 1, min(t.answered, 64) do count(b) end
  else
    settleDoubt(b, t.dropped)
    drop(b, t.dropped)
    if t.counted ~= 0 then count(b, t.counted) end
  end
  if t.returned > 0 then drop(b, t.returned) end
  if t.returned > 0 or t.counted < t.dropped then freed(b) end
  r.leaseMs = t.leaseMs
  r.amounts[1] = r.amounts[1] - t.dropped - t.returned
  write(r)
end

-- What was drawn from slices becomes a reservation like any other.
local function part(p)
  local names, held, since = {}, {}, {}
  for index, e in ipairs(p.entries) do
    local from = e.held and sliceOf(e.name, e.born)
    if from then
      from.amounts[1] = from.amounts[1] - e.amount
      write(from)
    end
    names[index], since[index] = e.name, e.born
    held[index] = (from or not e.held) and e.amount or 0
  end
  local list = space.listOf(table.concat(names, '\\n'))
  local r = {
    id = me .. ':' .. p.id, leaseMs = p.leaseMs, countedAt = tonumber(p.counted) or false, slotsOpen = p.slotsOpen,
    borrower = false, lender = false, parents = NONE, list = list, names = list.names, amounts = held, born = since, closed = false,
  }
  records[r.id] = r
  write(r)
  leaseUntil(r)
  if p.counted == 'now' then acknowledge(r) end
end

-- What must stay behind, for higher priorities and for whoever has laid a claim.
local function leftBehind(b, leave, rank)
  local all = leave + claimedAgainst(b, me, rank)
  return A[b.alg].kept and A[b.alg].kept(b, all) or all
end

-- No more than half of what is free: the others come for theirs, and the last of it goes to whoever asks for it.
local function takeSlice(b, t, wanted, leave)
  if wanted == 0 or now < b.pausedUntil or paceOf(b) then return end
  local given = min(wanted, floor((free(b) - leftBehind(b, leave, t.rank)) / 2))
  if given < t.least or given <= 0 then return end
  hold(b, given)
  b.lease = max(b.lease, t.leaseMs)
  local list = space.listOf(b.name)
  local r = sliceOf(b.name, b.born) or {
    id = sliceName(b.name), leaseMs = t.leaseMs, countedAt = false, slotsOpen = true, borrower = false, lender = false,
    parents = NONE, list = list, names = list.names, amounts = { 0 }, born = { b.born }, closed = false,
  }
  r.amounts[1] = r.amounts[1] + given
  records[r.id] = r
  write(r)
end

function O.lease()
  if not readBuckets() then return 'period ' .. text(now) end
  local seq = nextNum()
  local told, parts = {}, {}
  for index = 1, n do told[index] = readSlice() end
  for index = 1, nextNum() do parts[index] = readPart() end
  local key = P .. 't:' .. me
  local last = redis.call('HMGET', key, 'seq', 'at')
  -- Told again it is not done again: its answer was lost.
  local isAgain = last[1] and num(last[1]) >= seq
  if not isAgain then
    for index = 1, n do tellSlice(buckets[index], told[index]) end
    for _, p in ipairs(parts) do part(p) end
    for index = 1, n do
      local b, t = buckets[index], told[index]
      if t.born == '' or num(t.born) == b.born then takeSlice(b, t, amounts[index], leaves[index]) end
      local r = sliceOf(b.name, b.born)
      if r then keepSlice(r) end
    end
    redis.call('HSET', key, 'seq', text(seq), 'at', text(now))
    redis.call('PEXPIRE', key, DAY)
  end
  local answer = { 'leased', epoch, isAgain and last[2] or text(now) }
  for index = 1, n do
    local b = buckets[index]
    local r = sliceOf(b.name, b.born)
    answer[#answer + 1] = r and text(r.amounts[1]) or '0'
    answer[#answer + 1] = text(b.born)
    answer[#answer + 1] = (b.wanted > now or now < b.pausedUntil) and 1 or 0
    answer[#answer + 1] = free(b) >= leftBehind(b, leaves[index], told[index].rank) - ROUNDING and 1 or 0
  end
  return answer
end
`
