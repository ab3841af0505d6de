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
  local peaks = peaksOf(b)
  local count = #peaks
  b.tail = true
  while count > 0 and peaks[count] <= height do
    peaks[count], peaks[count - 1] = nil, nil
    count = count - 2
  end
  peaks[count + 1], peaks[count + 2] = now, height
  if count < 2 * MOST_PEAKS then return end
  -- The oldest two become one: at the later time, and as high as the earlier.
  peaks[4] = peaks[2]
  table.remove(peaks, 1)
  table.remove(peaks, 1)
end
A['token-bucket'] = {
  create = function(b) b.level, b.at, b.peaks, b.peakCount = b.cap, now, {}, 0 end,
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
    local peak, peaks = b.level, peaksOf(b)
    for index = #peaks, 2, -2 do
      if peaks[index - 1] <= counted then break end
      peak = max(peak, peaks[index])
    end
    local refund = min(charged - actual, max(0, b.cap - peak))
    b.level = b.level + refund
    if refund > 0 then b.tail = true end
    for index = #peaks, 2, -2 do
      if peaks[index - 1] <= counted then break end
      peaks[index] = peaks[index] + refund
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
  resize = function(b, definition)
    refill(b)
    local was = b.cap
    define(b, definition)
    b.level = was == INF and b.cap or b.level + b.cap - was
    addPeak(b, b.cap)
  end,
  restMs = function(b)
    if b.cap == INF or b.level >= b.cap then return 0 end
    return max(0, b.at - now) + (b.cap - b.level + b.pending) / rateOf(b)
  end,
}
`
