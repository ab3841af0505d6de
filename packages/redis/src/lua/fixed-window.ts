/** As core's `FixedWindow`: until it is known where windows begin it counts as a sliding one, with the same steps. */
export const FIXED_WINDOW = /* lua */ `
local function windowAt(b) return floor((now - b.phase) / b.perMs) end
local function endOfWindow(b) return b.phase + (b.window + 1) * b.perMs end
local function turn(b)
  local window = windowAt(b)
  if window <= b.window then return end
  b.window, b.used = window, 0
end
local function beginWindow(b, phase)
  b.phase = phase
  b.window = windowAt(b)
end
local function closedMs(b)
  if b.phaseMs then return 0 end
  local left = endOfWindow(b) - now
  if left < b.guard then return left + b.guard end
  local begun = b.perMs - left
  return begun < b.guard and b.guard - begun or 0
end
local function kept(b, leave)
  if not b.phase then return leave end
  turn(b)
  return leave * max(0, min(1, (endOfWindow(b) - now) / b.perMs))
end
local function learn(b, ends)
  if not b.phase then
    local used = usedSince(b, ends - b.perMs)
    noSteps(b)
    beginWindow(b, ends)
    b.used = used
    return
  end
  local later = math.fmod(ends - b.phase, b.perMs)
  if later > b.perMs / 2 then later = later - b.perMs end
  if later < -b.perMs / 2 then later = later + b.perMs end
  turn(b)
  b.phase = b.phase + (later < 0 and later or later / 100)
  b.window = windowAt(b)
end
A['fixed-window'] = {
  create = function(b)
    setSteps(b)
    b.phase, b.window = false, false
    if b.phaseMs then beginWindow(b, b.phaseMs) end
  end,
  level = function(b)
    if not b.phase then return SLIDING.level(b) end
    turn(b)
    return b.cap - b.used
  end,
  free = function(b)
    local left = plainFree(b)
    if b.phase and closedMs(b) > 0 then return min(0, left) end
    return left
  end,
  kept = kept,
  refillMs = function(b, amount, leave)
    local paced = pacedMs(b, amount)
    if not b.phase then return max(paced, slidingWait(b, amount + b.pending + b.doubt, leave, 0)) end
    local unkept = plainFree(b)
    if amount <= unkept - kept(b, leave) then return max(paced, closedMs(b)) end
    local windows = max(1, ceil((amount - max(0, unkept)) / b.cap))
    local untilNext = endOfWindow(b) - now + b.guard + (windows - 1) * b.perMs
    local decayed = INF
    if leave > 0 and amount <= unkept then decayed = (1 - (unkept - amount) / leave) * b.perMs end
    local here = decayed - (now - (endOfWindow(b) - b.perMs))
    return max(paced, min(untilNext, max(here, b.perMs / 1000)))
  end,
  count = function(b, amount)
    if not b.phase then return SLIDING.count(b, amount) end
    turn(b)
    b.used = b.used + amount
  end,
  correct = function(b, counted, charged, actual)
    if not b.phase then return SLIDING.correct(b, counted, charged, actual) end
    turn(b)
    if actual > charged or counted >= endOfWindow(b) - b.perMs then
      b.used = max(0, b.used + actual - charged)
      if actual < charged then freed(b) end
    end
  end,
  observe = function(b, remaining)
    if not b.phase then return SLIDING.observe(b, remaining) end
    turn(b)
    local unseen = b.cap - remaining - b.used
    if unseen > b.cap / 100 then b.used = b.used + unseen end
  end,
  told = function(b, remaining, resetMs, ageMs)
    if resetMs and resetMs > 0 and resetMs <= b.perMs then learn(b, now + resetMs) end
    if b.phase then
      turn(b)
      local opened = endOfWindow(b) - b.perMs + (b.phaseMs and 0 or b.guard)
      if now - ageMs < opened then return end
    end
    told(b, remaining, ageMs)
  end,
  pause = pauseWindow,
  resize = function(b, definition)
    local perMs = b.perMs
    if not b.phase then return slidingResize(b, definition) end
    turn(b)
    define(b, definition)
    if b.perMs ~= perMs then beginWindow(b, b.phase) end
  end,
  restMs = function(b) return 2 * b.perMs + b.guard + b.slotMs end,
}
`
