-- How server processes take part in the directory: joining, batches, the lease, leaving.
--
-- Owns: which nodes are alive, what becomes of the users of a dead one, and what is taken over from the nodes after
-- Redis was replaced by another process. Knows nothing of what the commands in a batch decide.
-- Next: `directory.lua` (loaded before this file, as one text), `clusterMembership.ts` (the other side).

-- A node whose lease is not renewed for so long is taken for dead, in ms.
local lease_ms = 3000
-- Some node renews its lease every half second. If none has for so long, Redis itself stood still, in ms.
local standstill_ms = 1500
-- After another Redis process has taken over, no id is given out for so long, in ms: the nodes send what they hold.
local grace_ms = 2000
-- Rows in one entry of a snapshot.
local max_rows_per_entry = 500

-- A node is dead or leaves: its users are gone.
local function reap(call, node)
  call.out[node] = nil
  for _, session in ipairs(redis.call('SMEMBERS', call.key .. ':of:' .. node)) do
    local row = call:row(session)
    if row then remove(call, row, true) end
  end
  redis.call('DEL', call.key .. ':in:' .. node, call.key .. ':of:' .. node)
  redis.call('ZREM', call.key .. ':nodes', node)
  redis.call('HDEL', call.key .. ':last', node)
end

local function reap_dead(call)
  for _, node in ipairs(redis.call('ZRANGEBYSCORE', call.key .. ':nodes', '-inf', call.now)) do reap(call, node) end
end

-- The state of the other side of a pairing.
local opposite = { chatting = 'chatting', requesting = 'confirming', confirming = 'requesting' }

-- True if both sides say the same of their pairing.
local function is_confirmed(row, other)
  if not other or other.other ~= row.session or other.pairingId ~= row.pairingId then return false end
  return other.state == opposite[row.state]
end

-- Ends a pairing of which only one side is left.
local function dissolve(call, row)
  local update = { type = 'chat.ended', pairingId = row.pairingId }
  if row.state == 'requesting' then update = { type = 'request.refused', reason = 'gone' } end
  if row.state == 'confirming' then update = { type = 'request.withdrawn', pairingId = row.pairingId } end
  call:unpair(row)
  call:notify(row.session, update)
end

-- Ends the unconfirmed pairings that can't be confirmed any more, and forgets those that are.
local function settle_unconfirmed(call)
  local unconfirmed = call.key .. ':unconfirmed'
  local waiting = redis.call('ZRANGE', unconfirmed, 0, -1, 'WITHSCORES')
  for i = 1, #waiting, 2 do
    local session, deadline = waiting[i], tonumber(waiting[i + 1])
    local row = call:row(session)
    local other = row and row.other ~= '' and call:row(row.other)
    if not row or row.other == '' or is_confirmed(row, other) then
      redis.call('ZREM', unconfirmed, session)
    elseif other or deadline <= call.now then
      dissolve(call, row)
      redis.call('ZREM', unconfirmed, session)
    end
  end
end

local function put_snapshot(call, node)
  local rows = {}
  local all = redis.call('HVALS', call.key .. ':rows')
  for i, json in ipairs(all) do rows[i] = cjson.decode(json) end
  table.sort(rows, function(a, b) return a.order < b.order end)
  local inbox = call.key .. ':in:' .. node
  local items = { { 'snapshot' } }
  for i, row in ipairs(rows) do
    items[#items + 1] = { 'row', row }
    if #items >= max_rows_per_entry or i == #rows then
      redis.call('XADD', inbox, '*', 'd', cjson.encode(items))
      items = {}
    end
  end
  if #items > 0 then redis.call('XADD', inbox, '*', 'd', cjson.encode(items)) end
end

-- Empties the directory if another Redis process has left it behind, perhaps long ago and not whole.
local function forget_other_process(key, run_id, rejoins)
  local meta = key .. ':meta'
  if redis.call('HGET', meta, 'runId') == run_id then return end
  for _, node in ipairs(redis.call('ZRANGE', key .. ':nodes', 0, -1)) do
    redis.call('DEL', key .. ':in:' .. node, key .. ':of:' .. node)
  end
  redis.call('DEL', key .. ':rows', key .. ':ids', key .. ':nodes', key .. ':last', key .. ':unconfirmed')
  redis.call('HSET', meta, 'runId', run_id)
  if rejoins then redis.call('HSET', meta, 'graceUntil', string.format('%.0f', now_ms() + grace_ms)) end
end

-- join(node, run_id, rejoins, rows): the node takes part from now on, and holds these rows. If another node holds an id
-- already, the session of this node is evicted. `run_id` names this Redis process.
local function join(keys, args)
  local key, node, run_id, rejoins, held = keys[1], args[1], args[2], args[3] == '1', cjson.decode(args[4])
  local meta = key .. ':meta'
  forget_other_process(key, run_id, rejoins)
  local call = open(key)
  reap_dead(call)
  call.out[node] = nil
  local holds, evicted = {}, {}
  for _, row in ipairs(held) do holds[row.session] = true end
  for _, session in ipairs(redis.call('SMEMBERS', key .. ':of:' .. node)) do
    local row = call:row(session)
    if row and not holds[session] then remove(call, row, true) end
  end
  local taken = {}
  for _, row in ipairs(held) do
    local owner = redis.call('HGET', key .. ':ids', string.lower(row.id))
    if owner and owner ~= row.session then
      evicted[#evicted + 1] = row.session
    else
      row.order = redis.call('HINCRBY', meta, 'order', 1)
      call:add(row)
      taken[#taken + 1] = row
    end
  end
  local latest = tonumber(redis.call('HGET', meta, 'pairingId') or 0)
  for _, row in ipairs(taken) do
    latest = math.max(latest, row.pairingId)
    if row.other ~= '' and not is_confirmed(row, call:row(row.other)) then
      redis.call('ZADD', key .. ':unconfirmed', call.now + lease_ms, row.session)
    end
  end
  redis.call('HSET', meta, 'pairingId', string.format('%.0f', latest))
  redis.call('DEL', key .. ':in:' .. node)
  put_snapshot(call, node)
  redis.call('ZADD', key .. ':nodes', call.now + lease_ms, node)
  call.out[node] = {}
  for _, session in ipairs(evicted) do call:notify(session, { type = 'session.evicted' }) end
  settle_unconfirmed(call)
  call:flush()
  return 'ok'
end

-- batch(node, number, items): each item is [kind, session, ...]. A batch that was applied before changes nothing.
local function batch(keys, args)
  local node, number, items = args[1], tonumber(args[2]), args[3]
  local call = open(keys[1])
  reap_dead(call)
  if not redis.call('ZSCORE', call.key .. ':nodes', node) then
    call:flush()
    return 'unknown'
  end
  local last = tonumber(redis.call('HGET', call.key .. ':last', node) or 0)
  if number <= last then return 'ok' end
  redis.call('HSET', call.key .. ':last', node, args[2])
  local failure
  for _, item in ipairs(cjson.decode(items)) do
    -- An error in one item must not keep the items behind it from being applied.
    local is_fine, why = pcall(apply, call, unpack(item))
    if not is_fine then failure = why end
  end
  call:flush(node, args[2])
  return failure and 'failed: ' .. tostring(failure) or 'ok'
end

-- lease(node, renewal, read_up_to): the node is alive and has read its inbox so far. Removes the nodes that are dead.
local function lease(keys, args)
  local node, renewal, read_up_to = args[1], tonumber(args[2]), args[3]
  local key = keys[1]
  local call = open(key)
  local meta, nodes = key .. ':meta', key .. ':nodes'
  if call.now - tonumber(redis.call('HGET', meta, 'seenAt') or 0) > standstill_ms then
    for _, each in ipairs(call.nodes) do redis.call('ZADD', nodes, call.now + lease_ms, each) end
  end
  redis.call('HSET', meta, 'seenAt', string.format('%.0f', call.now))
  reap_dead(call)
  local is_known = redis.call('ZSCORE', nodes, node)
  if is_known then
    local read_at = tonumber(string.match(read_up_to, '^%d+'))
    if read_at == 0 or call.now - read_at < lease_ms then redis.call('ZADD', nodes, call.now + lease_ms, node) end
    redis.call('XTRIM', key .. ':in:' .. node, 'MINID', read_up_to)
    call:put(node, { 'leaseAck', renewal })
  end
  settle_unconfirmed(call)
  call:flush()
  return is_known and 'ok' or 'unknown'
end

-- leave(node): the node says goodbye.
local function leave(keys, args)
  local call = open(keys[1])
  reap(call, args[1])
  call:flush()
  return 'ok'
end

redis.register_function('statechat2_join', join)
redis.register_function('statechat2_batch', batch)
redis.register_function('statechat2_lease', lease)
redis.register_function('statechat2_leave', leave)
