-- Who may ask whom, and what is kept in mind of earlier requests.
--
-- Owns: how often somebody may be asked, and whom they have declined or refused. It does what `standing` and
-- `../chat/directory/requestMemory.ts` do; a test plays the same commands against both. All times are on the directory's
-- clock, so that a jump of Redis' own moves them by one step at most. Knows nothing of what follows: `directory.lua`
-- (loaded before this file, as one text) asks. Whom somebody refuses with `never` is in their row, as `refuses`.
--
-- Its keys, besides those of `directory.lua`:
--   :asked    hash   lower-case id -> when this user was asked within the last minute, as JSON
--   :askedAt  zset   lower-case id -> when last
--   :declined zset   lower-case id, a blank, and a name of the asker -> when the one has declined the other last

local minute_ms = 60000
-- How long it is known who was declined.
local memory_ms = 3600000
-- So many of each are kept; then the oldest is forgotten.
local max_kept = 10000
-- So many names can one user refuse; then the oldest is forgotten.
local max_refused = 50

-- What is over, a part of it in each call, and what is too much.
function Call:forget_questions()
  local asked, last = self.key .. ':asked', self.key .. ':askedAt'
  local over = redis.call('ZRANGEBYSCORE', last, '-inf', self.now - minute_ms, 'LIMIT', 0, 10)
  if redis.call('ZCARD', last) > max_kept then over[#over + 1] = redis.call('ZRANGE', last, 0, 0)[1] end
  for _, id in ipairs(over) do
    redis.call('HDEL', asked, id)
    redis.call('ZREM', last, id)
  end
end

function Call:forget_declines()
  local declined = self.key .. ':declined'
  redis.call('ZREMRANGEBYSCORE', declined, '-inf', self.now - memory_ms)
  redis.call('ZREMRANGEBYRANK', declined, 0, -max_kept - 1)
end

local function forget_first_refused(target)
  while #target.refuses > max_refused do table.remove(target.refuses, 1) end
end

-- The names by which somebody is declined and refused: their id, and their address if nobody else has it. No id has an @.
local function names_of(row)
  if not row.network then return { string.lower(row.id) } end
  return { string.lower(row.id), '@' .. row.network }
end

local function pair_of(target, name) return string.lower(target.id) .. ' ' .. name end

function Call:recent_questions(target)
  local recent = {}
  for _, at in ipairs(cjson.decode(redis.call('HGET', self.key .. ':asked', string.lower(target.id)) or '[]')) do
    if self.now - at < minute_ms then recent[#recent + 1] = at end
  end
  return recent
end

function Call:declined_within(target, name, ms)
  local at = redis.call('ZSCORE', self.key .. ':declined', pair_of(target, name))
  return at and self.now - tonumber(at) < ms
end

local function refuses(target, name)
  for _, refused in ipairs(target.refuses or {}) do
    if refused == name then return true end
  end
  return false
end

-- Why this asker may not ask the target just now; nil if they may.
function Call:refusal(target, asker, per_minute, wait_ms)
  if not target then return 'unknown' end
  if target.session == asker.session then return 'self' end
  if target.state ~= 'menu' then return 'busy' end
  for _, name in ipairs(names_of(asker)) do
    if refuses(target, name) or self:declined_within(target, name, wait_ms) then return 'busy' end
  end
  if per_minute > 0 and #self:recent_questions(target) >= per_minute then return 'busy' end
  return nil
end

function Call:has_declined(target, asker) return self:declined_within(target, string.lower(asker.id), memory_ms) end

function Call:note_asked(target, per_minute)
  if per_minute == 0 then return end
  local id, times = string.lower(target.id), self:recent_questions(target)
  times[#times + 1] = self.now
  redis.call('HSET', self.key .. ':asked', id, cjson.encode(times))
  redis.call('ZADD', self.key .. ':askedAt', self.now, id)
  self:forget_questions()
end

function Call:note_declined(target, asker)
  local declined = self.key .. ':declined'
  for _, name in ipairs(names_of(asker)) do redis.call('ZADD', declined, self.now, pair_of(target, name)) end
  self:forget_declines()
end

-- From now on, and as long as the target is online.
local function refuse(target, asker)
  target.refuses = target.refuses or {}
  for _, name in ipairs(names_of(asker)) do
    table.insert(target.refuses, name)
  end
  forget_first_refused(target)
end

-- A no, or a no to all that the asker wants later. `is_final` is true for the latter.
local function decline(is_final)
  return function(call, row, pairingId)
    local other = paired(call, row, 'confirming', pairingId, 'request.declined')
    if not other then return end
    local is_repeated = not is_final and call:has_declined(row, other)
    call:note_declined(row, other)
    if is_final then refuse(row, other) end
    call:unpair(row)
    call:unpair(other)
    call:notify(other.session, { type = 'request.declined', pairingId = pairingId })
    call:notify(row.session, { type = 'request.declined', pairingId = pairingId, isRepeated = is_repeated or nil })
  end
end

commands['request.decline'] = decline(false)
commands['asker.refuse'] = decline(true)

