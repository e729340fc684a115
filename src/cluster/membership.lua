-- How server processes take part in the directory: joining, batches, the lease, leaving.
--
-- Owns: which nodes are alive, what becomes of the users of a dead one, and what is taken over from the nodes after
-- Redis was replaced by another process. Knows nothing of what the commands in a batch decide.
-- Next: `directory.lua` (loaded before this file, as one text), `clusterMembership.ts` (the other side).

-- A node whose lease is not renewed for so long is taken for dead, in ms.
local lease_ms = 3000
-- Some node renews its lease every half second. A longer time between two renewals is a jump, or Redis stood still: the
-- directory's clock goes on by so much then, in ms. A node lets go of its users so long before its lease ends here.
local max_step_ms = 500
-- Renewals that a node may leave unread. One that leaves more doesn't read its inbox, and gets no longer lease.
local max_unread_renewals = 5
-- After another Redis process has taken over, no id is given out for so long, in ms: the nodes send what they hold.
local grace_ms = 3000
-- The epoch of a node that is gone is remembered for so long, in ms: a call of it may still be on its way.
local epoch_memory_ms = 3600000
-- What servers with the same functions have in common.
local library_name = 'LIBRARY_NAME'
-- Rows in one entry of a snapshot.
local max_rows_per_entry = 500

local function in_digits(number) return string.format('%.0f', number) end

-- Lets the directory's clock go on, and opens a call. All deadlines are on this clock. It follows Redis' clock, but a
-- jump of that one, or a time in which nobody calls, moves it by one step at most, and never back.
local function open_in_time(key)
  local meta, wall = key .. ':meta', wall_ms()
  local seen, clock = unpack(redis.call('HMGET', meta, 'seenAt', 'clock'))
  local now = wall
  if clock then now = tonumber(clock) + math.max(0, math.min(wall - tonumber(seen), max_step_ms)) end
  redis.call('HSET', meta, 'seenAt', in_digits(wall), 'clock', in_digits(now))
  return open(key)
end

-- A full Redis refuses other clients. What is written here grows with the users only, so the users who are online go on,
-- and no more ids are given out.
local function note_memory(key)
  local memory = redis.call('INFO', 'memory')
  local function bytes(name) return tonumber(string.match(memory, '\n' .. name .. ':(%d+)') or 0) end
  local limit, used = bytes('maxmemory'), bytes('used_memory') - bytes('mem_not_counted_for_evict')
  redis.call('HSET', key .. ':meta', 'isFull', (limit > 0 and used >= limit) and 1 or 0)
end

-- Whether a call of this node still counts: 'ok'; 'unknown' if the node was taken for dead or has joined again since;
-- 'forgotten' if the directory was emptied and doesn't know that there ever was such a node.
local function standing(key, node, epoch)
  local latest = redis.call('HGET', key .. ':epochs', node)
  if not latest then return 'forgotten' end
  if latest ~= epoch or not redis.call('ZSCORE', key .. ':nodes', node) then return 'unknown' end
  return 'ok'
end

-- The epoch of a node outlives its lease, so that an old call is known as one. In the end it is forgotten too.
local function forget_old_epochs(call)
  local left = call.key .. ':left'
  for _, node in ipairs(redis.call('ZRANGEBYSCORE', left, '-inf', call.now - epoch_memory_ms)) do
    redis.call('HDEL', call.key .. ':epochs', node)
    redis.call('ZREM', left, node)
  end
end

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
  redis.call('HDEL', call.key .. ':peers', node)
  call:put_all({ 'peerGone', node })
  redis.call('ZADD', call.key .. ':left', call.now, node)
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
    elseif other and (complete(call, row, other) or complete(call, other, row)) then
      redis.call('ZREM', unconfirmed, session)
    elseif other or deadline <= call.now then
      dissolve(call, row, other)
      redis.call('ZREM', unconfirmed, session)
    end
  end
end

-- A ban without an end that was taken back is remembered so long, in ms.
local lifted_memory_ms = 90 * 86400000

-- What the node knows of the operator's bans; the others read what is news. Then those that are over are forgotten.
local function join_bans(call, held)
  for _, ban in ipairs(held) do
    if keep_ban(call, ban[1], ban[2], ban[3]) then call:put_all({ 'ban', ban[3], '' }) end
  end
  local bans, now = call.key .. ':bans', wall_ms()
  local all = redis.call('HGETALL', bans)
  for i = 1, #all, 2 do
    local ban = cjson.decode(all[i + 1])
    local is_forgotten = ban.isLifted and ban.sinceMs + lifted_memory_ms <= now
    if (ban.untilMs ~= cjson.null and ban.untilMs <= now) or is_forgotten then redis.call('HDEL', bans, all[i]) end
  end
end

local function put_snapshot(call, node)
  local rows = {}
  local all = redis.call('HVALS', call.key .. ':rows')
  for i, json in ipairs(all) do rows[i] = cjson.decode(json) end
  table.sort(rows, function(a, b) return a.order < b.order end)
  local inbox = call.key .. ':in:' .. node
  local items = { { 'snapshot' } }
  local peers = redis.call('HGETALL', call.key .. ':peers')
  for i = 1, #peers, 2 do items[#items + 1] = { 'peer', peers[i], peers[i + 1] } end
  for _, ban in ipairs(redis.call('HVALS', call.key .. ':bans')) do items[#items + 1] = { 'ban', ban, '' } end
  for i, row in ipairs(rows) do
    items[#items + 1] = { 'row', row }
    if #items >= max_rows_per_entry or i == #rows then
      redis.call('XADD', inbox, '*', 'd', cjson.encode(items))
      items = {}
    end
  end
  if #items > 0 then redis.call('XADD', inbox, '*', 'd', cjson.encode(items)) end
end

-- True if nodes with other functions take part here. Their clock stands still when they are gone, so it is Redis' own
-- that says how long ago one of them called.
local function is_used_by_others(key)
  local library, seen = unpack(redis.call('HMGET', key .. ':meta', 'library', 'seenAt'))
  if not library or library == library_name then return false end
  return redis.call('ZCARD', key .. ':nodes') > 0 and math.abs(wall_ms() - tonumber(seen or 0)) < lease_ms
end

-- Empties the directory if another Redis process or other functions have left it behind, perhaps long ago and not whole.
local function forget_other_process(key, now, run_id, rejoins)
  local meta = key .. ':meta'
  local former_run, library = unpack(redis.call('HMGET', meta, 'runId', 'library'))
  if former_run == run_id and library == library_name then return end
  for _, node in ipairs(redis.call('ZRANGE', key .. ':nodes', 0, -1)) do
    redis.call('DEL', key .. ':in:' .. node, key .. ':of:' .. node)
    redis.call('ZADD', key .. ':left', now, node)
  end
  redis.call('DEL', key .. ':rows', key .. ':ids', key .. ':nodes', key .. ':last', key .. ':unconfirmed', key .. ':peers')
  redis.call('HSET', meta, 'runId', run_id, 'library', library_name)
  if rejoins then redis.call('HSET', meta, 'graceUntil', in_digits(now + grace_ms)) end
end

-- What the node held here before gives way to what it holds now. Whom it left behind in a pairing is settled later.
local function give_up_former(call, node, held)
  local holds = {}
  for _, row in ipairs(held) do holds[row.session] = row end
  for _, session in ipairs(redis.call('SMEMBERS', call.key .. ':of:' .. node)) do
    local row = call:row(session)
    if row and not holds[session] then
      remove(call, row, true)
    elseif row and row.other ~= '' and row.pairingId ~= holds[session].pairingId then
      redis.call('ZADD', call.key .. ':unconfirmed', call.now, row.other)
    end
  end
end

-- join(node, epoch, run_id, rejoins, address, rows, bans): the node takes part from now on, and holds these rows. If another node
-- holds an id already, the session of this node is evicted. `epoch` grows with each join of the node. Each of its calls
-- brings it, and a call from before the latest join changes nothing. `run_id` names this Redis process.
-- At `address` the other nodes can ask this one; it is empty if they can't. `bans` are those that it knows, each as
-- [target, since, json]. Nodes with other functions don't mix.
local function join(keys, args)
  local key, node, epoch, run_id = keys[1], args[1], args[2], args[3]
  local rejoins, address, held = args[4] == '1', args[5], cjson.decode(args[6])
  local meta = key .. ':meta'
  if is_used_by_others(key) then return 'other functions' end
  if tonumber(epoch) <= tonumber(redis.call('HGET', key .. ':epochs', node) or 0) then return 'old' end
  local now = open_in_time(key).now
  forget_other_process(key, now, run_id, rejoins)
  local call = open(key)
  reap_dead(call)
  forget_old_epochs(call)
  redis.call('HSET', key .. ':epochs', node, epoch)
  redis.call('ZREM', key .. ':left', node)
  call.out[node] = nil
  redis.call('HSET', key .. ':peers', node, address)
  call:put_all({ 'peer', node, address })
  join_bans(call, cjson.decode(args[7] or '[]'))
  local evicted = {}
  give_up_former(call, node, held)
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
  redis.call('HSET', meta, 'pairingId', in_digits(latest))
  redis.call('DEL', key .. ':in:' .. node)
  put_snapshot(call, node)
  redis.call('ZADD', key .. ':nodes', call.now + lease_ms, node)
  call.out[node] = {}
  for _, session in ipairs(evicted) do call:notify(session, { type = 'session.evicted' }) end
  settle_unconfirmed(call)
  call:flush()
  return 'ok'
end

-- batch(node, epoch, number, items): each item is [kind, session, ...]. A batch that was applied before changes
-- nothing.
local function batch(keys, args)
  local node, epoch, number, items = args[1], args[2], tonumber(args[3]), args[4]
  local known = standing(keys[1], node, epoch)
  if known ~= 'ok' then return known end
  local call = open(keys[1])
  local last = tonumber(redis.call('HGET', call.key .. ':last', node) or 0)
  if number <= last then return 'ok' end
  redis.call('HSET', call.key .. ':last', node, args[3])
  local failure
  for _, item in ipairs(cjson.decode(items)) do
    -- An error in one item must not keep the items behind it from being applied.
    local is_fine, why = pcall(apply, call, unpack(item))
    if not is_fine then failure = why end
  end
  call:flush(node, args[3])
  return failure and 'failed: ' .. tostring(failure) or 'ok'
end

-- lease(node, epoch, renewal, read, read_up_to): the node is alive; it has read the ack of the renewal `read`, and its
-- inbox up to the entry `read_up_to`. Removes the nodes that are dead.
local function lease(keys, args)
  local key, node, epoch = keys[1], args[1], args[2]
  local renewal, read, read_up_to = tonumber(args[3]), tonumber(args[4]), args[5]
  local call = open_in_time(key)
  note_memory(key)
  reap_dead(call)
  local known = standing(key, node, epoch)
  if known == 'ok' then
    if renewal - read <= max_unread_renewals then
      redis.call('ZADD', key .. ':nodes', call.now + lease_ms, node)
    end
    redis.call('XTRIM', key .. ':in:' .. node, 'MINID', read_up_to)
    call:put(node, { 'leaseAck', renewal })
  end
  settle_unconfirmed(call)
  call:flush()
  return known
end

-- leave(node, epoch): the node says goodbye.
local function leave(keys, args)
  local call = open(keys[1])
  if standing(keys[1], args[1], args[2]) == 'ok' then reap(call, args[1]) end
  call:flush()
  return 'ok'
end

-- probe(): changes nothing, and is refused by a Redis that refuses to write.
local function probe() return 'ok' end

local function register(name, callback)
  -- A full Redis carries it out: see `note_memory`.
  redis.register_function({
    function_name = library_name .. '_' .. name, callback = callback, flags = { 'allow-oom' },
  })
end

register('probe', probe)
register('join', join)
register('batch', batch)
register('lease', lease)
register('leave', leave)
