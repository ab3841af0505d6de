/**
 * What a namespace knows as a whole, in one string: the server's time when it was last written down, by how much that was
 * ever set back, how many buckets there have been, when the first lease may end, and until when leases are kept.
 */
export const CLOCK = /* lua */ `
local CLOCK_LAYOUT, CLOCK_SIZE = '<ddddd', 40
local clock
local function readClock(packed)
  clock = space.remembered
  space.remembered = nil
  if clock and clock.packed == packed then
    epoch = clock.epoch
    return
  end
  clock = { packed = packed }
  if packed then
    clock.raw, clock.offset, clock.born, clock.firstEnd, clock.keptUntil = unpacked(CLOCK_LAYOUT, packed)
    epoch = string.sub(packed, CLOCK_SIZE + 1)
  else
    clock.raw, clock.offset, clock.born, clock.firstEnd, clock.keptUntil = 0, 0, 0, INF, -INF
    -- Another one tells that all that was held here is gone.
    local time = redis.call('TIME')
    epoch = time[1] .. '.' .. time[2] .. '.' .. me
    clock.dirty = true
  end
  clock.epoch, clock.granted, clock.done = epoch, 'granted ' .. epoch, 'done ' .. epoch
end

-- A server's clock may be set back, or another server take over whose clock is behind: time goes on from where it was.
-- Written down only every 100 ms: a step back by less is something that every bucket can bear.
local function serverTime()
  local time = redis.call('TIME')
  local raw = tonumber(time[1]) * 1000 + tonumber(time[2]) / 1000
  if raw < clock.raw then
    clock.offset = clock.offset + clock.raw - raw
    clock.raw, clock.dirty = raw, true
  elseif raw > clock.raw + 100 then
    clock.raw, clock.dirty = raw, true
  end
  return raw + clock.offset
end

local function saveClock()
  if clock.dirty then
    local packed = pack(CLOCK_LAYOUT, clock.raw, clock.offset, clock.born, clock.firstEnd, clock.keptUntil)
    clock.packed, clock.dirty, clock.renew = packed .. epoch, false, false
    redis.call('SET', space.clock, clock.packed)
  end
  space.remembered = clock
end
`
