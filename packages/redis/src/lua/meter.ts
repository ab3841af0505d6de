/** What all buckets have in common, as core's `Meter` and `WindowMeter` have it: kept the same rule for rule. */
export const METER = /* lua */ `
local function level(b) return A[b.alg].level(b) end
local function plainFree(b) return level(b) - b.pending - b.doubt end
local function free(b)
  local own = A[b.alg].free
  return own and own(b) or plainFree(b)
end

-- pace: { until, rate, burst, level, at }
local function paceOf(b)
  if b.pace and now >= b.pace[1] then b.pace = false end
  return b.pace
end
local function paceRefill(p)
  if now <= p[5] then return end
  p[4] = min(p[3], p[4] + (now - p[5]) * p[2])
  p[5] = now
end
local function pacedMs(b, amount)
  local p = paceOf(b)
  if not p then return 0 end
  if amount > p[3] then return max(0, p[1] - now) end
  paceRefill(p)
  if amount <= p[4] + ROUNDING then return max(0, p[5] - now) end
  return max(0, (amount - p[4]) / p[2] + max(0, p[5] - now))
end

local function room(b)
  local left = free(b)
  local p = paceOf(b)
  if not p then return left end
  paceRefill(p)
  return min(left, p[4])
end

local function fits(b, amount, leave)
  if A[b.alg].kept then leave = A[b.alg].kept(b, leave) end
  return now >= b.pausedUntil and free(b) - amount >= leave - ROUNDING and pacedMs(b, amount) <= 0
end

local SETTLED = 2500
local function waitMs(b, amount, leave)
  local refill = b.cap == INF and 0 or A[b.alg].refillMs(b, amount, leave)
  -- What is pending may come back.
  if refill > SETTLED and b.estimated and b.pending + b.unsettled >= ROUNDING
    and level(b) + b.unsettled - amount >= leave - ROUNDING then refill = SETTLED end
  return max(refill, b.pausedUntil - now, 0)
end

-- As core's Lows.
local function addLow(b)
  if b.lowCount < 0 then return end
  local left, from = level(b) - b.pending, now
  if b.low >= left then from = b.lowAt end
  if b.low < left or b.lowCount > 0 then
    local lows = lowsOf(b)
    local count = #lows
    if b.low < left then
      lows[count + 1], lows[count + 2] = b.lowAt, b.low
      b.tail = true
      if count + 2 == 2 * MOST_LOWS then
        table.remove(lows, 3)
        table.remove(lows, 3)
      end
    end
    while count > 0 and lows[count] >= left do
      from = lows[count - 1]
      lows[count], lows[count - 1] = nil, nil
      count = count - 2
      b.tail = true
    end
  end
  b.lowAt, b.low = from, left
end
local function lowSince(b, since)
  if b.lowCount < 0 then return INF end
  if b.lowAt <= since then return b.low end
  local lows = lowsOf(b)
  local index = #lows
  while index > 2 and lows[index - 1] > since do index = index - 2 end
  return index == 0 and b.low or lows[index]
end

local function hold(b, amount)
  change(b)
  b.pending = b.pending + amount
  addLow(b)
  if b.pace then b.pace[4] = b.pace[4] - amount end
end

local function drop(b, amount)
  change(b)
  local left = b.pending - amount
  b.pending = left < ROUNDING and 0 or left
  local certain = b.doubt - b.pending
  if certain <= 0 then return end
  b.doubt = b.pending
  A[b.alg].observe(b, level(b) - certain)
end

local function settleDoubt(b, amount) b.doubt = max(0, b.doubt - amount) end

local function settled(b, charged) change(b); b.unsettled = max(0, b.unsettled - charged) end

local function count(b, amount) change(b); A[b.alg].count(b, amount) end

local function correct(b, counted, charged, actual)
  change(b)
  A[b.alg].correct(b, counted, charged, actual)
end

local SHARED_WINDOWS = 10
local STALE_PART = 1 / 20
local function told(b, was, ageMs)
  local fresh = ageMs <= b.perMs * STALE_PART
  local tolerance = b.cap / 100
  local left = level(b) - b.pending
  local low = lowSince(b, now - ageMs)
  local freed = low < left and left - low or 0
  if left - freed - was > tolerance then b.sharedUntil = now + SHARED_WINDOWS * b.perMs end
  local shared = now < b.sharedUntil
  local remaining = shared and was or was + freed
  A[b.alg].observe(b, shared and fresh and remaining or remaining + b.pending)
  if not fresh then return end
  local less = level(b) - remaining
  b.doubt = less > tolerance and min(less, b.pending) or 0
end

local function pauseWindow(b, largest)
  if b.cap < INF then
    local burst = max(b.cap / 50, largest)
    b.pace = { b.pausedUntil + b.perMs, b.cap / b.perMs, burst, burst, b.pausedUntil }
  end
end
`
