-- What nodes say that they hold, after Redis was lost or another one has taken over: rows, and pairings with users of
-- other nodes.
--
-- Owns: what is taken of it, what becomes of a pairing of which the two sides say different things, and which sessions
-- have to go. Knows nothing of leases. Next: `directory.lua` (loaded before this file), `membership.lua` (behind it;
-- both keep their keys in the list there).

-- A node whose lease is not renewed for so long is taken for dead, in ms. As long it may take to confirm a pairing.
local lease_ms = 3000
-- So many sessions, or epochs, are looked at in one call. It takes some milliseconds then.
local slice_size = 200

local function in_digits(number) return string.format('%.0f', number) end

-- Adds a set of sessions to another one. There are many in both only if a node joins or dies twice in a moment.
local function move_sessions(from, to)
  if redis.call('EXISTS', from) == 0 then return end
  if redis.call('EXISTS', to) == 0 then
    redis.call('RENAME', from, to)
  else
    redis.call('SUNIONSTORE', to, to, from)
    redis.call('UNLINK', from)
  end
end

-- These sessions of a node have to be removed.
local function doom(key, sessions, node)
  move_sessions(sessions, key .. ':gone:' .. node)
  redis.call('SADD', key .. ':dying', node)
end

-- The state of the other side of a pairing.
local opposite = { chatting = 'chatting', requesting = 'confirming', confirming = 'requesting' }

-- True if both sides say the same of their pairing.
local function is_confirmed(row, other)
  if not other or other.other ~= row.session or other.pairingId ~= row.pairingId then return false end
  return other.state == opposite[row.state]
end

-- One side was asked, and has accepted while its node was alone: the asker, who still waits, hears of it now.
local function complete(call, accepter, asker)
  if accepter.state ~= 'chatting' or asker.state ~= 'requesting' then return false end
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

-- What a node says of a pairing, beside what the other side's node has said.
local function check_pairing(call, row)
  local unconfirmed = call.key .. ':unconfirmed'
  local other = call:row(row.other)
  local is_to_come = other and redis.call('SISMEMBER', call.key .. ':former:' .. node_of(row.other), row.other) == 1
  if not other or is_to_come then
    redis.call('ZADD', unconfirmed, call.now + lease_ms, row.session)
    return
  end
  redis.call('ZREM', unconfirmed, other.session)
  if is_confirmed(row, other) or complete(call, row, other) or complete(call, other, row) then return end
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

-- The node holds this row. If it has held it before, in another pairing, that one is over for the other side too.
local function take(call, row)
  local key, session = call.key, row.session
  local former = call:row(session)
  row.order = former and former.order or redis.call('HINCRBY', key .. ':meta', 'order', 1)
  redis.call('SREM', key .. ':former:' .. node_of(session), session)
  redis.call('SREM', key .. ':gone:' .. node_of(session), session)
  local left = former and former.other ~= '' and former.pairingId ~= row.pairingId and call:row(former.other)
  call:add(row)
  if left and left.other == session then dissolve_side(call, left) end
end

-- Takes some of what a node holds. If another node holds an id already, the session of this node is evicted.
local function take_rows(call, node, rows, is_last)
  local key, meta = call.key, call.key .. ':meta'
  local latest = tonumber(redis.call('HGET', meta, 'pairingId') or 0)
  local taken = {}
  for _, row in ipairs(rows) do
    local owner = redis.call('HGET', key .. ':ids', string.lower(row.id))
    if owner and owner ~= row.session then
      call:notify(row.session, { type = 'session.evicted' })
    else
      take(call, row)
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
  doom(key, key .. ':former:' .. node, node)
end
