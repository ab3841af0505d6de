/**
 * What every operation begins with: the server's time, and numbers as they travel.
 *
 * The key is the namespace's list of leases; all other keys are named after it, and share its hash tag. The first argument
 * is the time, empty for the server's own, then who asks, then the operation. Functions are made once, when the library is
 * loaded: to make them anew in each call took longer than all the rest. What belongs to one call is set by `begin`.
 */
export const PRELUDE = /* lua */ `
local ARGV, LEASES, P, me, at, now, epoch
local INF = 1 / 0
local ROUNDING = 1e-6
local DAY = 86400000
-- While a library is loaded there is no math yet.
local floor, ceil, max, min

-- Infinity has no digits.
local function num(s)
  if s == 'Infinity' then return INF end
  return tonumber(s)
end
local function nextArg() at = at + 1; return ARGV[at] end
local function nextNum() return num(nextArg()) end
local function text(n)
  if n == INF then return 'Infinity' end
  if n == -INF then return '-Infinity' end
  return string.format('%.17g', n)
end

-- A server's clock may be set back, or another server take over whose clock is behind: time goes on from where it was.
-- Written down only every 100 ms: a step back by less is something that every bucket can bear.
local function serverTime(clock)
  local time = redis.call('TIME')
  local raw = tonumber(time[1]) * 1000 + tonumber(time[2]) / 1000
  local last, offset = tonumber(clock[1] or '0'), tonumber(clock[2] or '0')
  if raw < last then
    offset = offset + last - raw
    redis.call('HSET', P .. 'clock', 'raw', text(raw), 'offset', text(offset))
  elseif raw > last + 100 then
    redis.call('HSET', P .. 'clock', 'raw', text(raw), 'offset', text(offset))
  end
  return raw + offset
end

local function begin(keys, args)
  floor, ceil, max, min = math.floor, math.ceil, math.max, math.min
  ARGV, LEASES = args, keys[1]
  P = string.sub(LEASES, 1, -7)
  me, at = ARGV[2], 3
  local clock = redis.call('HMGET', P .. 'clock', 'raw', 'offset', 'epoch')
  now = ARGV[1] == '' and serverTime(clock) or num(ARGV[1])
  -- Another one tells that all that was held here is gone.
  epoch = clock[3]
  if not epoch then
    local time = redis.call('TIME')
    epoch = time[1] .. '.' .. time[2] .. '.' .. me
    redis.call('HSET', P .. 'clock', 'epoch', epoch)
  end
end
`
