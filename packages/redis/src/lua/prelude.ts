/**
 * What every operation begins with: the server's time, and words as they travel.
 *
 * The key is the namespace's list of leases; all other keys are named after it, and share its hash tag. The first argument
 * is the time, empty for the server's own, then who asks, then the operation. Functions are made once, when the library is
 * loaded: to make them anew in each call took longer than all the rest. What belongs to one call is set by `begin`.
 */
export const PRELUDE = /* lua */ `
local ARGV, LEASES, P, me, at, now, epoch
local INF, NAN = 1 / 0, 0 / 0
local ROUNDING = 1e-6
local DAY = 86400000
-- While a library is loaded there is none of these yet.
local floor, ceil, max, min, pack, unpacked

-- Infinity has no digits.
local function num(s) return tonumber(s) or s == 'Infinity' and INF or nil end
local function nextArg() at = at + 1; return ARGV[at] end
local function nextNum() return num(nextArg()) end
local function text(n)
  if n == INF then return 'Infinity' end
  if n == -INF then return '-Infinity' end
  return string.format('%.17g', n)
end

-- Most operations repeat the words of others, and are about the same buckets. What was worked out for one is remembered
-- for the next, and tables are used again: to make and fill new ones took longer than to count.
local MOST_REMEMBERED = 1000
local NONE = {}
local function remembering(make)
  local known, count = {}, 0
  return function(word)
    local value = known[word]
    if value then return value end
    if count >= MOST_REMEMBERED then known, count = {}, 0 end
    value = make(word)
    known[word], count = value, count + 1
    return value
  end
end
-- As struct has it: so many doubles.
local doubles = remembering(function(count) return '<' .. string.rep('d', count) end)

-- Numbers, one after the other.
local numbersOf = remembering(function(word)
  local list = {}
  for number in string.gmatch(word, '%S+') do list[#list + 1] = num(number) end
  return list
end)

-- The keys of a namespace; lists of names, with the keys of their buckets; and buckets as they are described by who asks:
-- a name, a definition and the calendar's periods as the caller knows them (when this one began, when it ends, and the next).
local spaceOf = remembering(function(leases)
  local prefix = string.sub(leases, 1, -7)
  local one = { prefix = prefix, clock = prefix .. 'clock', held = prefix .. 'held', buckets = {}, age = 0 }
  one.listOf = remembering(function(word)
    local list = { word = word, names = {}, keys = {} }
    for name in string.gmatch(word, '[^\\n]+') do
      list.names[#list.names + 1] = name
      list.keys[#list.keys + 1] = prefix .. 'b:' .. name
    end
    return list
  end)
  one.described = remembering(function(word)
    local names, definitions, periods = {}, {}, {}
    for name, definition, span in string.gmatch(word .. '\\n', '([^\\n]*)\\n([^\\n]*)\\n([^\\n]*)\\n') do
      local index = #names + 1
      names[index], definitions[index] = name, definition
      if span ~= '' then periods[index] = numbersOf(span) end
    end
    return {
      list = one.listOf(table.concat(names, '\\n')), definitions = definitions, periods = next(periods) and periods,
    }
  end)
  return one
end)
local space

local function begin(keys, args)
  if not floor then
    floor, ceil, max, min = math.floor, math.ceil, math.max, math.min
    pack, unpacked = struct.pack, struct.unpack
  end
  ARGV, LEASES = args, keys[1]
  space = spaceOf(LEASES)
  P = space.prefix
  me, at = ARGV[2], 3
end
`
