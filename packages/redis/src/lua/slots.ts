/** As core's `Slots`. */
export const SLOTS = /* lua */ `
local SLOW_START = 60000
A.slots = {
  create = function(b) b.ceiling = INF end,
  level = function(b)
    if now >= b.pausedUntil + SLOW_START then b.ceiling = INF end
    return min(b.cap, b.ceiling)
  end,
  refillMs = function(b, amount, leave) return free(b) - amount >= leave and 0 or INF end,
  count = function(b)
    if now >= b.pausedUntil then
      b.ceiling = b.ceiling * 2
      if b.ceiling < INF then freed(b) end
    end
  end,
  correct = function() end,
  observe = function() end,
  told = function() end,
  pause = function(b, largest)
    b.ceiling = max(1, largest)
  end,
  resize = function(b, definition) define(b, definition) end,
  restMs = function(b) return b.ceiling < INF and SLOW_START or 0 end,
}
`
