-- How server processes take part in the directory: joining, batches, the lease, leaving.
--
-- Owns: which nodes are alive, what becomes of the users of a dead one, and what is taken over from the nodes after
-- Redis was replaced by another process. No call goes through all rows: what is much is done in slices, each in a call
-- of its own. Knows nothing of what the commands in a batch decide. Next: `directory.lua` and `holding.lua` (loaded
-- before this file, as one text), `clusterMembership.ts` (the other side).
--
-- Its keys, besides those of `directory.lua`:
--   :in:N    stream the inbox of node N
--   :last    hash   node -> the number of its latest batch that was applied
--   :peers   hash   node -> where the other nodes can ask it
--   :epochs  hash   node -> the epoch of its latest join, also of nodes that are gone
--   :left    zset   node that is gone -> since when
--   :holding set    the nodes that have not said all yet that they hold
--   :past:N  set    the numbers of the sets :was:N:NUMBER
--   :was:N:NUMBER set  sessions that node N held before, and has not said to hold still
--   :dying   set    those of these sets, as N:NUMBER, whose sessions have to be removed
--   :unconfirmed zset session -> until when its partner's node may confirm the pairing
--   :meta    hash   also runId (the Redis process that holds this), library (the functions that wrote it), graceUntil,
--                   isFull (1 if Redis has no memory left), clock (the directory's own), seenAt (what Redis' clock
--                   showed when it was moved), sweeper and sweptAt (who removes sessions, and when it did last)

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
-- A node that has not gone on removing sessions for so long gives way to another one, in ms.
local sweep_pause_ms = 500

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

-- A full Redis refuses other clients. What is written here grows with the users only, so the users who are online go
-- on, and no more ids are given out.
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
  local left, before = call.key .. ':left', call.now - epoch_memory_ms
  for _, node in ipairs(redis.call('ZRANGEBYSCORE', left, '-inf', before, 'LIMIT', 0, slice_size)) do
    redis.call('HDEL', call.key .. ':epochs', node)
    redis.call('ZREM', left, node)
  end
end

-- Removes some of the sessions that have to go. Returns true if more are left.
local function sweep_slice(call)
  local dying = call.key .. ':dying'
  local left = slice_size
  while left > 0 do
    local name = redis.call('SRANDMEMBER', dying)
    if not name then return false end
    local node, number = string.match(name, '^(.*):(%d+)$')
    local gone = past_set(call.key, node, number)
    local sessions = redis.call('SPOP', gone, left)
    for _, session in ipairs(sessions) do
      local row = call:row(session)
      if row then remove(call, row, true) end
    end
    if redis.call('EXISTS', gone) == 0 then
      redis.call('SREM', dying, name)
      redis.call('SREM', call.key .. ':past:' .. node, number)
    end
    left = left - math.max(#sessions, 1)
  end
  return redis.call('SCARD', dying) > 0
end

-- One node at a time removes sessions. Its inbox asks it to go on (`goes_on`), as long as there are any.
local function sweep_if_due(call, node, goes_on)
  local meta, wall = call.key .. ':meta', wall_ms()
  if redis.call('SCARD', call.key .. ':dying') == 0 then return end
  local sweeper, swept_at = unpack(redis.call('HMGET', meta, 'sweeper', 'sweptAt'))
  local is_recent = sweeper and math.abs(wall - tonumber(swept_at)) < sweep_pause_ms
  if is_recent and not (goes_on and sweeper == node) then return end
  redis.call('HSET', meta, 'sweeper', node, 'sweptAt', in_digits(wall))
  if sweep_slice(call) then
    call:put(node, { 'sweep' })
  else
    redis.call('HDEL', meta, 'sweeper')
  end
end

-- A node is dead or leaves: its users are gone.
local function reap(call, node)
  local key = call.key
  put_away(key, node)
  doom(key, node)
  redis.call('UNLINK', key .. ':in:' .. node)
  redis.call('ZREM', key .. ':nodes', node)
  redis.call('HDEL', key .. ':last', node)
  redis.call('HDEL', key .. ':peers', node)
  redis.call('SREM', key .. ':holding', node)
  redis.call('ZADD', key .. ':left', call.now, node)
end

local function reap_all(call, nodes)
  for _, node in ipairs(nodes) do reap(call, node) end
  for _, node in ipairs(nodes) do call:put_all({ 'peerGone', node }) end
end

local function reap_dead(call)
  reap_all(call, redis.call('ZRANGEBYSCORE', call.key .. ':nodes', '-inf', call.now))
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

-- A new inbox begins with what a node has to know of the others: where they are, and the rows that are listed.
local function begin_inbox(call, node)
  local key = call.key
  local items = { '["snapshot"]' }
  local peers = redis.call('HGETALL', key .. ':peers')
  for i = 1, #peers, 2 do items[#items + 1] = cjson.encode({ 'peer', peers[i], peers[i + 1] }) end
  for _, ban in ipairs(redis.call('HVALS', key .. ':bans')) do items[#items + 1] = cjson.encode({ 'ban', ban, '' }) end
  local listed = redis.call('ZRANGE', key .. ':order', 0, list_size - 1)
  if #listed > 0 then
    for _, json in ipairs(redis.call('HMGET', key .. ':rows', unpack(listed))) do
      if json then items[#items + 1] = '["row",' .. json .. ',true]' end
    end
  end
  redis.call('UNLINK', key .. ':in:' .. node)
  redis.call('XADD', key .. ':in:' .. node, '*', 'd', '[' .. table.concat(items, ',') .. ']',
    'n', redis.call('ZCARD', key .. ':order'), 'r', redis.call('HGET', key .. ':meta', 'inRoom') or 0)
end

-- True if nodes with other functions take part here. Their clock stands still when they are gone, so it is Redis' own
-- that says how long ago one of them called.
local function is_used_by_others(key)
  local library, seen = unpack(redis.call('HMGET', key .. ':meta', 'library', 'seenAt'))
  if not library or library == library_name then return false end
  return redis.call('ZCARD', key .. ':nodes') > 0 and math.abs(wall_ms() - tonumber(seen or 0)) < lease_ms
end

local function forget_past(key, node)
  for _, set in ipairs(past_sets(key, node)) do redis.call('UNLINK', set) end
  redis.call('UNLINK', key .. ':past:' .. node)
end

-- Empties the directory if another Redis process or other functions have left it behind, perhaps long ago and not
-- whole.
local function forget_other_process(key, now, run_id, rejoins)
  local meta = key .. ':meta'
  local former_run, library = unpack(redis.call('HMGET', meta, 'runId', 'library'))
  if former_run == run_id and library == library_name then return end
  for _, node in ipairs(redis.call('ZRANGE', key .. ':nodes', 0, -1)) do
    redis.call('UNLINK', key .. ':in:' .. node, key .. ':of:' .. node)
    forget_past(key, node)
    redis.call('ZADD', key .. ':left', now, node)
  end
  for _, name in ipairs(redis.call('SMEMBERS', key .. ':dying')) do
    forget_past(key, string.match(name, '^(.*):%d+$'))
  end
  local names = { 'rows', 'ids', 'order', 'room', 'history', 'nodes', 'last', 'peers', 'asked', 'askedAt', 'declined' }
  for _, name in ipairs(names) do redis.call('UNLINK', key .. ':' .. name) end
  redis.call('UNLINK', key .. ':unconfirmed', key .. ':holding', key .. ':dying')
  redis.call('HDEL', meta, 'inRoom', 'sweeper')
  redis.call('HSET', meta, 'runId', run_id, 'library', library_name)
  if rejoins then redis.call('HSET', meta, 'graceUntil', in_digits(now + grace_ms)) end
end

-- join(node, epoch, run_id, rejoins, address, is_last, rows, bans): the node takes part now, and holds these rows.
-- Until it has said the last of them, with `hold`, nobody gets a new id. `epoch` grows with each join of the node. Each
-- of its calls brings it, and a call from before the latest join changes nothing. `run_id` names this Redis process. At
-- `address` the other nodes can ask this one; it is empty if they can't. `bans` are those that it knows, each as
-- [target, since, json]. Nodes with other functions don't mix.
local function join(keys, args)
  local key, node, epoch, run_id = keys[1], args[1], args[2], args[3]
  local rejoins, address, is_last, rows = args[4] == '1', args[5], args[6] == '1', cjson.decode(args[7])
  if is_used_by_others(key) then return 'other functions' end
  if tonumber(epoch) <= tonumber(redis.call('HGET', key .. ':epochs', node) or 0) then return 'old' end
  local now = open_in_time(key).now
  forget_other_process(key, now, run_id, rejoins)
  local call = open(key)
  reap_dead(call)
  forget_old_epochs(call)
  redis.call('HSET', key .. ':epochs', node, epoch)
  redis.call('ZREM', key .. ':left', node)
  redis.call('HSET', key .. ':peers', node, address)
  begin_inbox(call, node)
  call:put_all({ 'peer', node, address })
  join_bans(call, cjson.decode(args[8]))
  call:flush()
  redis.call('ZADD', key .. ':nodes', call.now + lease_ms, node)
  redis.call('SADD', key .. ':holding', node)
  put_away(key, node)
  take_rows(call, node, rows, is_last)
  sweep_if_due(call, node)
  settle_unconfirmed(call)
  call:flush()
  return 'ok'
end

-- hold(node, epoch, is_last, rows): more of what the node holds.
local function hold(keys, args)
  local known = standing(keys[1], args[1], args[2])
  if known ~= 'ok' then return known end
  local call = open(keys[1])
  take_rows(call, args[1], cjson.decode(args[4]), args[3] == '1')
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
    call:put(node, { 'leaseAck', renewal, redis.call('XLEN', key .. ':in:' .. node) })
    sweep_if_due(call, node)
  end
  settle_unconfirmed(call)
  call:flush()
  return known
end

-- sweep(node, epoch): removes more sessions that have to go.
local function sweep(keys, args)
  local known = standing(keys[1], args[1], args[2])
  if known ~= 'ok' then return known end
  local call = open(keys[1])
  sweep_if_due(call, args[1], true)
  call:flush()
  return 'ok'
end

-- leave(node, epoch): the node says goodbye.
local function leave(keys, args)
  local call = open(keys[1])
  if standing(keys[1], args[1], args[2]) == 'ok' then
    reap_all(call, { args[1] })
    sweep_slice(call)
  end
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
register('hold', hold)
register('batch', batch)
register('lease', lease)
register('sweep', sweep)
register('leave', leave)
