/** As core's `SlidingWindow`. Of its steps only those are read that left the window. */
export const SLIDING_WINDOW = /* lua */ `
-- Until enough of what was counted has left the window. held: what of it is taken besides.
local function slidingMs(b, amount, held)
  advance(b)
  local lack = amount - (b.cap - b.used - held)
  if lack <= 0 then return 0 end
  local kept = b.kept
  ready(b, b.current - kept + 1, b.current)
  for slot = b.current - kept + 1, b.current do
    lack = lack - slotAt(b, slot)
    if lack <= 0 then return (slot + kept) * b.slotMs - now end
  end
  return b.perMs
end
local function slidingWait(b, amount, leave, held)
  local windows = max(0, ceil((amount + leave) / b.cap) - 1)
  local rest = amount + leave - windows * b.cap
  return slidingMs(b, rest, held) + windows * b.perMs
end

local function slidingResize(b, definition)
  local fresh = {}
  define(fresh, definition)
  if fresh.perMs == b.perMs then
    define(b, definition)
    return
  end
  local used = usedSince(b, now - b.perMs)
  noSteps(b)
  define(b, definition)
  setSteps(b)
  if used > 0 then addTo(b, b.current, used) end
end

local SLIDING = {
  level = function(b) advance(b); return b.cap - b.used end,
  count = function(b, amount) advance(b); addTo(b, b.current, amount) end,
  correct = function(b, counted, charged, actual)
    advance(b)
    if actual >= charged then return addTo(b, b.current, actual - charged) end
    local slot = floor(counted / b.slotMs)
    if slot > b.current - b.kept then
      addTo(b, slot, actual - charged)
      freed(b)
    end
  end,
  observe = function(b, remaining)
    advance(b)
    local unseen = b.cap - remaining - b.used
    if unseen > b.cap / 100 then addTo(b, b.current, unseen) end
  end,
}
A['sliding-window'] = {
  create = setSteps,
  level = SLIDING.level,
  refillMs = function(b, amount, leave)
    return max(pacedMs(b, amount), slidingWait(b, amount, leave, b.pending + b.doubt))
  end,
  count = SLIDING.count,
  correct = SLIDING.correct,
  observe = SLIDING.observe,
  pause = pauseWindow,
  resize = slidingResize,
  restMs = function(b) return (b.kept + 1) * b.slotMs end,
}
`
