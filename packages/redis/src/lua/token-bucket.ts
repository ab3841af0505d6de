/** As core's `TokenBucket` and `Peaks`. */
export const TOKEN_BUCKET = /* lua */ `
local MOST_PEAKS = 64
local function rateOf(b) return (b.amount or b.cap) / b.perMs end
local function refill(b)
  if now <= b.at then return end
  b.level = min(b.cap, b.level + (now - b.at) * rateOf(b))
  b.at = now
end
local function addPeak(b, height)
  local ats, peaks = b.peakAt, b.peaks
  while #peaks > 0 and peaks[#peaks] <= height do
    table.remove(peaks)
    table.remove(ats)
  end
  ats[#ats + 1] = now
  peaks[#peaks + 1] = height
  if #ats <= MOST_PEAKS then return end
  table.remove(ats, 1)
  table.remove(peaks, 2)
end
A['token-bucket'] = {
  create = function(b) b.level, b.at, b.peakAt, b.peaks = b.cap, now, {}, {} end,
  level = function(b) refill(b); return b.level end,
  refillMs = function(b, amount, leave)
    local lack = amount + leave - free(b)
    local untilOpen = max(0, b.at - now)
    if lack <= 0 then return untilOpen end
    local wait = lack / rateOf(b) + untilOpen
    return b.level + lack > b.cap and max(wait, b.perMs / 100) or wait
  end,
  count = function(b, amount)
    refill(b)
    addPeak(b, b.level)
    b.level = b.level - amount
  end,
  correct = function(b, counted, charged, actual)
    refill(b)
    if b.cap == INF then return end
    if actual >= charged then
      b.level = b.level - (actual - charged)
      return
    end
    local peak = b.level
    for index = #b.peakAt, 1, -1 do
      if b.peakAt[index] <= counted then break end
      peak = max(peak, b.peaks[index])
    end
    local refund = min(charged - actual, max(0, b.cap - peak))
    b.level = b.level + refund
    for index = #b.peakAt, 1, -1 do
      if b.peakAt[index] <= counted then break end
      b.peaks[index] = b.peaks[index] + refund
    end
    if refund > 0 then freed(b) end
  end,
  observe = function(b, remaining)
    refill(b)
    if b.level > remaining + b.cap / 100 then b.level = remaining end
  end,
  pause = function(b)
    refill(b)
    b.level = min(b.level, b.pending)
    b.at = max(b.at, b.pausedUntil)
  end,
  resize = function(b, json)
    refill(b)
    local was = b.cap
    define(b, json)
    b.level = was == INF and b.cap or b.level + b.cap - was
    addPeak(b, b.cap)
  end,
  restMs = function(b)
    if b.cap == INF or b.level >= b.cap then return 0 end
    return max(0, b.at - now) + (b.cap - b.level + b.pending) / rateOf(b)
  end,
}
`
