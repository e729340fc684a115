-- What nodes say that they hold, after Redis was lost or another one has taken over: rows, and pairings with users of
-- other nodes.
--
-- Owns: what is taken of it, what becomes of a pairing of which the two sides say different things, and which sessions
-- have to go. Knows nothing of leases. Next: `directory.lua` (loaded before this file), `membership.lua` (behind it;
-- both keep their keys in the list there).

-- A node whose lease is not renewed for so long is taken for dead, in ms. As long it may take to confirm a pairing.
local lease_ms = 3000
-- So many sessions, or epochs, are looked at in one call. It takes a few milliseconds then.
local slice_size = 100

local function in_digits(number) return string.format('%.0f', number) end

local function past_set(key, node, number) return key .. ':was:' .. node .. ':' .. number end

-- The sets of sessions that a node held before.
local function past_sets(key, node)
  local sets = {}
  for _, number in ipairs(redis.call('SMEMBERS', key .. ':past:' .. node)) do
    sets[#sets + 1] = past_set(key, node, number)
  end
  return sets
end

-- What a node holds is what it held before: it has to say so again. No two sets are ever added up, however many there
-- are: that would be a call over all sessions of a node.
local function put_away(key, node)
  local held = key .. ':of:' .. node
  if redis.call('EXISTS', held) == 0 then return end
  local number = redis.call('HINCRBY', key .. ':meta', 'past', 1)
  redis.call('RENAME', held, past_set(key, node, number))
  redis.call('SADD', key .. ':past:' .. node, number)
end

-- What a node held before and has not said to hold still has to be removed.
local function doom(key, node)
  for _, number in ipairs(redis.call('SMEMBERS', key .. ':past:' .. node)) do
    if redis.call('EXISTS', past_set(key, node, number)) == 1 then
      redis.call('SADD', key .. ':dying', node .. ':' .. number)
    else
      redis.call('SREM', key .. ':past:' .. node, number)
    end
  end
end

-- A node that has not said all yet may say this session still.
local function is_to_come(key, session)
  local node = node_of(session)
  if redis.call('SISMEMBER', key .. ':holding', node) == 0 then return false end
  for _, set in ipairs(past_sets(key, node)) do
    if redis.call('SISMEMBER', set, session) == 1 then return true end
  end
  return false
end

-- The state of the other side of a pairing.
local opposite = { chatting = 'chatting', requesting = 'confirming', confirming = 'requesting' }

-- True if both sides say the same of their pairing.
local function is_confirmed(row, other)
  if not other or other.other ~= row.session or other.pairingId ~= row.pairingId then return false end
  return other.state == opposite[row.state] or (is_in_chat(row) and is_in_chat(other))
end

-- One side was asked, and has accepted while its node was alone: the asker, who still waits, hears of it now.
local function complete(call, accepter, asker)
  if not is_in_chat(accepter) or asker.state ~= 'requesting' then return false end
  if asker.other ~= accepter.session then return false end
  if accepter.other ~= asker.session or accepter.pairingId ~= asker.pairingId then return false end
  call:place(asker, 'chatting')
  call:notify(asker.session, started_with(accepter))
  return true
end

local function dissolve_side(call, row)
  local update = { type = 'chat.ended', pairingId = row.pairingId }
  if row.state == 'requesting' then update = { type = 'request.refused', reason = 'gone' } end
  if row.state == 'confirming' then update = { type = 'request.withdrawn', pairingId = row.pairingId } end
  call:unpair(row)
  call:notify(row.session, update)
end

-- Ends a pairing whose sides don't say the same, or of which only one is left.
local function dissolve(call, row, other)
  if other and other.other == row.session then dissolve_side(call, other) end
  dissolve_side(call, row)
end

-- Somebody has lost the connection while their node was alone: the other side hears of it, perhaps once more.
local function remind(call, row, other)
  if row.state ~= 'away' then return end
  call:notify(other.session, { type = 'partner.away', pairingId = row.pairingId })
end

-- What a node says of a pairing, beside what the other side's node has said.
local function check_pairing(call, row)
  local unconfirmed = call.key .. ':unconfirmed'
  local other = call:row(row.other)
  if not other or is_to_come(call.key, row.other) then
    redis.call('ZADD', unconfirmed, call.now + lease_ms, row.session)
    return
  end
  redis.call('ZREM', unconfirmed, other.session)
  if is_confirmed(row, other) or complete(call, row, other) or complete(call, other, row) then
    remind(call, row, other)
    return remind(call, other, row)
  end
  dissolve(call, row, other)
end

-- Ends the pairings that can't be confirmed any more: all nodes have said what they hold.
local function settle_unconfirmed(call)
  local unconfirmed = call.key .. ':unconfirmed'
  if redis.call('SCARD', call.key .. ':holding') > 0 then return end
  for _, session in ipairs(redis.call('ZRANGEBYSCORE', unconfirmed, '-inf', call.now, 'LIMIT', 0, slice_size)) do
    local row = call:row(session)
    if row and row.other ~= '' and not is_confirmed(row, call:row(row.other)) then dissolve(call, row) end
    redis.call('ZREM', unconfirmed, session)
  end
end

-- The node holds this row. If it has held it before, in another pairing, that one is over for the other side too. A
-- user of the same node is told nothing: the node has told them, and says their row itself.
local function take(call, row, past)
  local session = row.session
  local former = call:row(session)
  row.order = former and former.order or redis.call('HINCRBY', call.key .. ':meta', 'order', 1)
  for _, set in ipairs(past) do redis.call('SREM', set, session) end
  local is_over = former and former.other ~= '' and former.pairingId ~= row.pairingId
  local left = is_over and node_of(former.other) ~= node_of(session) and call:row(former.other)
  call:add(row)
  if left and left.other == session then dissolve_side(call, left) end
end

-- Takes some of what a node holds. If another node holds an id already, the session of this node is evicted.
local function take_rows(call, node, rows, is_last)
  local key, meta = call.key, call.key .. ':meta'
  local latest = tonumber(redis.call('HGET', meta, 'pairingId') or 0)
  local taken, past = {}, past_sets(key, node)
  for _, row in ipairs(rows) do
    local owner = redis.call('HGET', key .. ':ids', string.lower(row.id))
    if owner and owner ~= row.session then
      call:notify(row.session, { type = 'session.evicted' })
    else
      take(call, row, past)
      taken[#taken + 1] = row
      latest = math.max(latest, row.pairingId)
    end
  end
  redis.call('HSET', meta, 'pairingId', in_digits(latest))
  for _, row in ipairs(taken) do
    if row.other ~= '' then check_pairing(call, row) end
  end
  if not is_last then return end
  redis.call('SREM', key .. ':holding', node)
  doom(key, node)
end
