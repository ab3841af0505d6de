/**
 * As core's `Quota`. A script knows no time zones: periods come with the question. What is told without them (the end of
 * a long call) rolls on by the periods known, and by their length after those.
 */
export const QUOTA = /* lua */ `
local function turnQuota(b)
  b.mark = now
  if now < b.to then return end
  b.used = 0
  local length = b.to - b.from
  b.from, b.to = b.to, b.next
  if now < b.to then
    b.next = b.to + length
    return
  end
  b.from = b.to + floor((now - b.to) / length) * length
  b.to, b.next = b.from + length, b.from + 2 * length
end
A.quota = {
  create = function(b)
    b.used, b.mark = 0, now
    b.from, b.to, b.next = -INF, INF, INF
  end,
  level = function(b) turnQuota(b); return b.cap - b.used end,
  refillMs = function(b, amount, leave)
    if free(b) - amount >= leave then return 0 end
    return amount + leave > b.cap and INF or b.to - now
  end,
  count = function(b, amount) turnQuota(b); b.used = b.used + amount end,
  correct = function(b, counted, charged, actual)
    turnQuota(b)
    if actual > charged or counted >= b.from then b.used = max(0, b.used + actual - charged) end
    if actual < charged then freed(b) end
  end,
  observe = function(b, remaining)
    turnQuota(b)
    local unseen = b.cap - remaining - b.used
    if unseen > b.cap / 100 then b.used = b.used + unseen end
  end,
  pause = function() end,
  told = function(b, remaining, _, ageMs)
    turnQuota(b)
    if now - ageMs >= b.from + b.guard then told(b, remaining, ageMs) end
  end,
  resize = function(b, definition) define(b, definition) end,
  restMs = function(b)
    if b.used == 0 and b.pending == 0 then return 0 end
    return b.to - now
  end,
}
`
