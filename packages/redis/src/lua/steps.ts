/**
 * The steps of a sliding window: a ring of doubles in a string of its own, `w:` and the bucket's name. What the step that
 * is being filled has counted is with the bucket, so that the ring is only touched when a step is over, or is corrected.
 */
export const STEPS = /* lua */ `
local function setSteps(b)
  b.slotMs = b.perMs / b.steps
  b.kept = b.steps + 1 + ceil(b.guard / b.slotMs)
  b.current, b.used, b.here, b.ring = floor(now / b.slotMs), 0, 0, false
end
local function noSteps(b) b.here, b.ring, b.seen, b.puts, b.cleared = 0, false, {}, {}, true end

local function slotAt(b, slot)
  if slot == b.current then return b.here end
  return b.seen and b.seen[slot] or 0
end

-- Reads these steps, as far as they are not known yet.
local function ready(b, from, to)
  local seen = b.seen
  if not seen then
    seen = {}
    b.seen, b.puts = seen, {}
  end
  if not b.ring or b.cleared then return end
  to = min(to, b.current - 1)
  while from <= to and seen[from] do from = from + 1 end
  while from <= to and seen[to] do to = to - 1 end
  while from <= to do
    local index = from % b.kept
    local last = min(to, from + b.kept - 1 - index)
    local bytes = redis.call('GETRANGE', P .. 'w:' .. b.name, 8 * index, 8 * (index + last - from) + 7)
    local count = floor(#bytes / 8)
    local values = count > 0 and { unpacked(doubles(count), bytes) } or {}
    for slot = from, last do
      local nth = slot - from + 1
      if not seen[slot] then seen[slot] = nth <= count and values[nth] or 0 end
    end
    from = last + 1
  end
end

local function put(b, slot, amount)
  b.seen[slot], b.puts[slot], b.ring = amount, true, true
end

local function addTo(b, slot, amount)
  b.used = b.used + amount
  if slot == b.current then
    b.here = b.here + amount
    return
  end
  ready(b, slot, slot)
  put(b, slot, slotAt(b, slot) + amount)
end

local function advance(b)
  local slot = floor(now / b.slotMs)
  local was, kept = b.current, b.kept
  if slot <= was then return end
  if slot - was >= kept then
    if b.ring then noSteps(b) end
    b.used = 0
  elseif b.ring or b.here ~= 0 then
    local oldest, expired = was - kept + 1, slot - kept
    ready(b, oldest, expired)
    put(b, was, b.here)
    b.current = slot
    for one = oldest, expired do
      local amount = slotAt(b, one)
      b.used = b.used - amount
      if amount ~= 0 and one + kept ~= slot then put(b, one + kept, 0) end
    end
    -- Summed anew once a window: amounts added and taken away would leave rounding errors that grow for ever.
    if floor(slot / kept) ~= floor(was / kept) then
      ready(b, expired + 1, was)
      b.used = 0
      for one = expired + 1, was do b.used = b.used + slotAt(b, one) end
    end
    if b.used == 0 then noSteps(b) end
  end
  b.current, b.here = slot, 0
end

local function usedSince(b, since)
  advance(b)
  local from = max(floor(since / b.slotMs), b.current - b.kept + 1)
  ready(b, from, b.current)
  local used = 0
  for slot = from, b.current do used = used + slotAt(b, slot) end
  return used
end

local function saveSteps(b, renew)
  local key = P .. 'w:' .. b.name
  if b.cleared then redis.call('DEL', key) end
  local oldest = b.current - b.kept + 1
  for slot in pairs(b.puts or {}) do
    if slot ~= b.current and slot >= oldest then
      redis.call('SETRANGE', key, 8 * (slot % b.kept), pack('<d', b.seen[slot]))
    end
  end
  if b.ring and (renew or not b.hadRing or b.cleared) then keep(b, key) end
end
`
