/** Who does what many processes want done, as core's `Leads` has it. Whoever is made to wait is told when it is given up. */
export const LEADS = /* lua */ `
-- A server's clock may be set back, and then a lead lasts longer than its key was to.
local LEAD_GRACE = 10000

local function leadOf(key)
  local packed = redis.call('GET', P .. 'l:' .. key)
  if not packed then return nil end
  local holder, rank, til, wanted = unpack(cmsgpack.unpack(packed))
  if til > now then return { holder = holder, rank = rank, til = til, wanted = wanted } end
end

-- No holder: it is done.
local function setLead(key, holder, rank, til, wanted)
  local packed = cmsgpack.pack({ holder, rank, til, wanted })
  redis.call('SET', P .. 'l:' .. key, packed, 'PX', string.format('%.0f', til - now + LEAD_GRACE))
end

function O.lead()
  local key, holder, rank, ttlMs = nextArg(), nextArg(), nextNum(), nextNum()
  local lead = leadOf(key)
  if lead and lead.holder == '' then return 'over' end
  if lead and lead.holder ~= holder and lead.rank <= rank then
    if not lead.wanted then setLead(key, lead.holder, lead.rank, lead.til, true) end
    return 'follows ' .. text(lead.til - now)
  end
  setLead(key, holder, rank, now + ttlMs, lead and lead.wanted or false)
  return 'leads'
end

function O.unlead()
  local key, holder, overMs = nextArg(), nextArg(), nextNum()
  local lead = leadOf(key)
  if not lead or lead.holder ~= holder then return end
  if overMs > 0 then setLead(key, '', 0, now + overMs, false)
  else redis.call('DEL', P .. 'l:' .. key) end
  -- From nobody: two of one process may share a store.
  if lead.wanted then redis.call('PUBLISH', P .. 'freed', '\\n' .. key) end
end
`
