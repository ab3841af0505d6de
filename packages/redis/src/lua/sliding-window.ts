/** As core's `SlidingWindow`. Its steps are fields of the bucket's hash, and only those are read that left the window. */
export const SLIDING_WINDOW = /* lua */ `
local function slotMsOf(b) return b.perMs / b.steps end
local function keptOf(b) return b.steps + 1 + ceil(b.guard / slotMsOf(b)) end

local function slotAt(b, slot)
  return b.slots[string.format('%.0f', slot)] or b.seen[slot] or 0
end
local function ready(b, from, to)
  b.seen = b.seen or {}
  if b.isNew then return end
  local missing = {}
  for slot = from, to do
    if b.slots[string.format('%.0f', slot)] == nil and b.seen[slot] == nil then missing[#missing + 1] = slot end
  end
  for first = 1, #missing, 1000 do
    local last = min(first + 999, #missing)
    local names = {}
    for index = first, last do names[#names + 1] = 's' .. string.format('%.0f', missing[index]) end
    local values = redis.call('HMGET', P .. 'b:' .. b.name, unpack(names))
    for index = first, last do b.seen[missing[index]] = tonumber(values[index - first + 1] or '0') end
  end
end

local function addTo(b, slot, amount)
  ready(b, slot, slot)
  b.slots[string.format('%.0f', slot)] = slotAt(b, slot) + amount
  b.used = b.used + amount
end

local function letGo(b, slot)
  local name = string.format('%.0f', slot)
  if slotAt(b, slot) ~= 0 then b.gone[#b.gone + 1] = 's' .. name end
  b.slots[name] = nil
  b.seen[slot] = 0
end

local function advance(b)
  local slot = floor(now / slotMsOf(b))
  if slot <= b.current then return end
  if b.used ~= 0 then
    local kept = keptOf(b)
    local oldest = b.current - kept + 1
    local expired = min(b.current, slot - kept)
    ready(b, oldest, expired)
    for one = oldest, expired do
      b.used = b.used - slotAt(b, one)
      letGo(b, one)
    end
    -- Summed anew once a window: amounts added and taken away would leave rounding errors that grow for ever.
    if expired == b.current then b.used = 0
    elseif floor(slot / kept) ~= floor(b.current / kept) then
      ready(b, expired + 1, b.current)
      b.used = 0
      for one = expired + 1, b.current do b.used = b.used + slotAt(b, one) end
    end
  end
  b.current = slot
end

local function usedSince(b, since)
  advance(b)
  local from = max(floor(since / slotMsOf(b)), b.current - keptOf(b) + 1)
  ready(b, from, b.current)
  local used = 0
  for slot = from, b.current do used = used + slotAt(b, slot) end
  return used
end

local function dropSlots(b)
  local from = b.current - keptOf(b) + 1
  ready(b, from, b.current)
  for slot = from, b.current do letGo(b, slot) end
end

-- Until enough of what was counted has left the window. held: what of it is taken besides.
local function slidingMs(b, amount, held)
  advance(b)
  local lack = amount - (b.cap - b.used - held)
  if lack <= 0 then return 0 end
  local kept = keptOf(b)
  ready(b, b.current - kept + 1, b.current)
  for slot = b.current - kept + 1, b.current do
    lack = lack - slotAt(b, slot)
    if lack <= 0 then return (slot + kept) * slotMsOf(b) - now end
  end
  return b.perMs
end
local function slidingWait(b, amount, leave, held)
  local windows = max(0, ceil((amount + leave) / b.cap) - 1)
  local rest = amount + leave - windows * b.cap
  return slidingMs(b, rest, held) + windows * b.perMs
end

local function slidingResize(b, json)
  local fresh = {}
  define(fresh, json)
  if fresh.perMs == b.perMs then
    define(b, json)
    return
  end
  local used = usedSince(b, now - b.perMs)
  dropSlots(b)
  define(b, json)
  b.current = floor(now / slotMsOf(b))
  b.used = 0
  if used > 0 then addTo(b, b.current, used) end
end

local SLIDING = {
  level = function(b) advance(b); return b.cap - b.used end,
  count = function(b, amount) advance(b); addTo(b, b.current, amount) end,
  correct = function(b, counted, charged, actual)
    advance(b)
    if actual >= charged then return addTo(b, b.current, actual - charged) end
    local slot = floor(counted / slotMsOf(b))
    if slot > b.current - keptOf(b) then
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
  create = function(b) b.current, b.used, b.pace = floor(now / slotMsOf(b)), 0, false end,
  level = SLIDING.level,
  refillMs = function(b, amount, leave)
    return max(pacedMs(b, amount), slidingWait(b, amount, leave, b.pending + b.doubt))
  end,
  count = SLIDING.count,
  correct = SLIDING.correct,
  observe = SLIDING.observe,
  pause = pauseWindow,
  resize = slidingResize,
  restMs = function(b) return (keptOf(b) + 1) * slotMsOf(b) end,
}
`
