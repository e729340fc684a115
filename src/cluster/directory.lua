#!lua name=statechat2
-- The directory of many server processes, inside Redis: who is online, in which state, paired with whom, and who wins.
--
-- Owns: every decision between people whose processes know nothing of each other. A call is atomic: it looks, decides, writes
-- the rows, and appends what everybody has to hear to the inboxes of their nodes, in one step. What each command means
-- is what `../chat/directory/memoryDirectory.ts` does with it; a test plays the same commands against both. Knows
-- nothing of sentences.
--
-- A node is a server process. A session is called NODE/NAME. All keys begin with the one key that a call is given, and
-- that holds a hash tag:
--   :rows   hash   session -> {id, session, state, other, pairing, order} as JSON; other is a session, or empty
--   :ids    hash   lower-case id -> session
--   :of:N   set    the sessions of node N that have an id
--   :nodes  zset   node -> when its lease ends, in ms since 1970
--   :in:N   stream the inbox of node N
--   :last   hash   node -> the number of its latest batch that was carried out
--   :unconfirmed zset session -> until when its partner's node may confirm the pairing
--   :meta   hash   runId (the Redis process that holds this), order, pairingId, graceUntil, seenAt
--
-- An inbox entry has the field d, a JSON list of items: ["row", row], ["gone", session, id, state, lost], ["update", session, update],
-- ["line", session, pairing, text, from], ["ack", session, pairing, length], ["room", text, from, is_said, is_delivered], ["menu", text, from],
-- ["snapshot"], ["leaseAck", number]; and, if a batch caused it, s (whose) and k (its number).

-- A node that has said nothing for so long is taken for dead, in ms.
local lease_ms = 3000
-- Somebody renews a lease every half second. If nobody has for so long, it was this server that stood still, in ms.
local standstill_ms = 1500
-- After a new server has taken over, the nodes that are left have so long to say what they hold before ids are given away, in ms.
local grace_ms = 2000
-- Rows in one entry of a snapshot.
local max_rows_per_entry = 500

local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function node_of(session)
  return string.match(session, '^(.*)/') or ''
end

-- One call: the rows it has read, and the items for each node's inbox.
local Call = {}
Call.__index = Call

local function open(key)
  local call = setmetatable({ key = key, now = now_ms(), known = {}, out = {} }, Call)
  call.nodes = redis.call('ZRANGE', key .. ':nodes', 0, -1)
  for _, node in ipairs(call.nodes) do call.out[node] = {} end
  return call
end

function Call:flush(source, number)
  for node, items in pairs(self.out) do
    if #items > 0 then
      local inbox = self.key .. ':in:' .. node
      if source then
        redis.call('XADD', inbox, 'NOMKSTREAM', '*', 'd', cjson.encode(items), 's', source, 'k', number)
      else
        redis.call('XADD', inbox, 'NOMKSTREAM', '*', 'd', cjson.encode(items))
      end
      self.out[node] = {}
    end
  end
end

function Call:put(node, item)
  local items = self.out[node]
  if items then items[#items + 1] = item end
end

function Call:put_all(item)
  for _, items in pairs(self.out) do items[#items + 1] = item end
end

function Call:notify(session, update)
  self:put(node_of(session), { 'update', session, update })
end

function Call:row(session)
  local row = self.known[session]
  if row == nil then
    local json = redis.call('HGET', self.key .. ':rows', session)
    row = json and cjson.decode(json)
    self.known[session] = row
  end
  return row or nil
end

function Call:save(row)
  self.known[row.session] = row
  redis.call('HSET', self.key .. ':rows', row.session, cjson.encode(row))
  self:put_all({ 'row', row })
end

function Call:add(row)
  redis.call('HSET', self.key .. ':ids', string.lower(row.id), row.session)
  redis.call('SADD', self.key .. ':of:' .. node_of(row.session), row.session)
  self:save(row)
end

-- `lost` if its node can't say so any more.
function Call:drop(row, lost)
  self.known[row.session] = false
  redis.call('HDEL', self.key .. ':rows', row.session)
  redis.call('HDEL', self.key .. ':ids', string.lower(row.id))
  redis.call('SREM', self.key .. ':of:' .. node_of(row.session), row.session)
  self:put_all({ 'gone', row.session, row.id, row.state, lost })
end

function Call:place(row, state)
  row.state = state
  self:save(row)
end

function Call:unpair(row)
  row.state, row.other, row.pairingId = 'menu', '', 0
  self:save(row)
end

-- A session has ended, or its node has: out of every dictionary, and the partner is told.
local function remove(call, row, lost)
  call:drop(row, lost)
  local other = call:row(row.other)
  if not other or other.other ~= row.session then return end
  call:unpair(other)
  if row.state == 'chatting' then
    call:notify(other.session, { type = 'chat.ended', pairingId = row.pairingId })
  elseif row.state == 'requesting' then
    call:notify(other.session, { type = 'request.withdrawn', pairingId = row.pairingId })
  else
    call:notify(other.session, { type = 'request.refused', reason = 'gone' })
  end
end

local function end_request(call, row, how)
  local other = call:row(row.other)
  if row.state ~= 'requesting' or not other then return end
  local pairingId = row.pairingId
  call:unpair(row)
  call:unpair(other)
  call:notify(other.session, { type = how, pairingId = pairingId })
  call:notify(row.session, { type = how, pairingId = pairingId })
end

-- The pairing of a row with somebody, if it is in this state and has this number.
local function paired(call, row, state, pairingId)
  if row.state ~= state or row.pairingId ~= pairingId then return nil end
  return call:row(row.other)
end

-- What sessions can ask for. `row` is the session's; whoever has none yet can only claim an id.
local commands = {}

commands['menu.leave'] = function(call, row, to)
  if row.state ~= 'menu' then
    call:notify(row.session, { type = 'move.refused' })
    return
  end
  call:place(row, to)
  call:notify(row.session, { type = 'move.granted', to = to })
end

commands['menu.return'] = function(call, row)
  if row.other == '' then call:place(row, 'menu') end
end

-- `key` is the id that was named, in lower case.
commands['request.make'] = function(call, row, key)
  if row.state ~= 'requesting' or row.other ~= '' then return end
  local session = redis.call('HGET', call.key .. ':ids', key)
  local target = session and call:row(session)
  if not target or target.state ~= 'menu' then
    call:place(row, 'menu')
    local reason = not target and 'unknown' or (target.session == row.session and 'self' or 'busy')
    call:notify(row.session, { type = 'request.refused', reason = reason })
    return
  end
  -- Numbers grow, even when they were forgotten: time does too.
  local pairingId = math.max(tonumber(redis.call('HGET', call.key .. ':meta', 'pairingId') or 0) + 1, call.now)
  redis.call('HSET', call.key .. ':meta', 'pairingId', string.format('%.0f', pairingId))
  target.state, target.other, target.pairingId = 'confirming', row.session, pairingId
  row.other, row.pairingId = target.session, pairingId
  call:save(target)
  call:save(row)
  call:notify(target.session, { type = 'request.received', askerId = row.id, pairingId = pairingId })
  call:notify(row.session, { type = 'request.delivered', pairingId = pairingId })
end

commands['request.withdraw'] = function(call, row) end_request(call, row, 'request.withdrawn') end
commands['request.expire'] = function(call, row) end_request(call, row, 'request.expired') end

commands['request.accept'] = function(call, row, pairingId)
  local other = paired(call, row, 'confirming', pairingId)
  if not other then return end
  call:place(row, 'chatting')
  call:place(other, 'chatting')
  call:notify(other.session, { type = 'chat.started', partnerId = row.id, partnerSession = row.session, pairingId = pairingId })
  call:notify(row.session, { type = 'chat.started', partnerId = other.id, partnerSession = other.session, pairingId = pairingId })
end

-- Declining a request and leaving a chat: back to the menu, both.
local function part(state, update)
  return function(call, row, pairingId)
    local other = paired(call, row, state, pairingId)
    if not other then return end
    call:unpair(row)
    call:unpair(other)
    call:notify(other.session, { type = update, pairingId = pairingId })
    call:notify(row.session, { type = update, pairingId = pairingId })
  end
end

commands['request.decline'] = part('confirming', 'request.declined')
commands['chat.leave'] = part('chatting', 'chat.ended')
commands['gone'] = function(call, row) remove(call, row, false) end

local function claim(call, session, id)
  local meta = call.key .. ':meta'
  if call:row(session) or redis.call('HEXISTS', call.key .. ':ids', string.lower(id)) == 1 then
    call:notify(session, { type = 'id.refused' })
  elseif call.now < tonumber(redis.call('HGET', meta, 'graceUntil') or 0) then
    call:notify(session, { type = 'id.refused', reason = 'unavailable' })
  else
    local order = redis.call('HINCRBY', meta, 'order', 1)
    call:add({ id = id, session = session, state = 'menu', other = '', pairingId = 0, order = order })
    call:notify(session, { type = 'id.granted', id = id })
  end
end

-- What is said passes through here on its way, so that it keeps its place among the decisions.
local relays = {}
relays['line'] = function(call, from, to, pairingId, text) call:put(node_of(to), { 'line', to, pairingId, text, from }) end
relays['ack'] = function(call, _, to, pairingId, length) call:put(node_of(to), { 'ack', to, pairingId, length }) end
relays['room'] = function(call, from, text, is_said, is_delivered)
  call:put_all({ 'room', text, from, is_said, is_delivered })
end
relays['menu'] = function(call, from, text) call:put_all({ 'menu', text, from }) end

local function carry_out(call, kind, session, ...)
  if relays[kind] then
    relays[kind](call, session, ...)
  elseif kind == 'id.claim' then
    claim(call, session, ...)
  else
    local row = call:row(session)
    if row and commands[kind] then commands[kind](call, row, ...) end
  end
end

-- A node is dead, or says goodbye: its people are gone.
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

local function is_confirmed(row, other)
  if not other or other.other ~= row.session or other.pairingId ~= row.pairingId then return false end
  if row.state == 'chatting' then return other.state == 'chatting' end
  return (row.state == 'requesting' and other.state == 'confirming') or (row.state == 'confirming' and other.state == 'requesting')
end

-- A pairing of which only one side is left.
local function dissolve(call, row)
  local update = { type = 'chat.ended', pairingId = row.pairingId }
  if row.state == 'requesting' then update = { type = 'request.refused', reason = 'gone' } end
  if row.state == 'confirming' then update = { type = 'request.withdrawn', pairingId = row.pairingId } end
  call:unpair(row)
  call:notify(row.session, update)
end

-- Looks at the pairings that wait for their other side.
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

-- join(node, run, rejoins, rows): the node takes part from now on, and holds these rows: who claims an id second has lost it.
-- `run` names the server the node is connected to. What another server has left behind counts for nothing.
local function join(keys, args)
  local node, run, rejoins, held = args[1], args[2], args[3] == '1', cjson.decode(args[4])
  local key = keys[1]
  local meta = key .. ':meta'
  if redis.call('HGET', meta, 'runId') ~= run then
    for _, old in ipairs(redis.call('ZRANGE', key .. ':nodes', 0, -1)) do
      redis.call('DEL', key .. ':in:' .. old, key .. ':of:' .. old)
    end
    redis.call('DEL', key .. ':rows', key .. ':ids', key .. ':nodes', key .. ':last', key .. ':unconfirmed')
    redis.call('HSET', meta, 'runId', run)
    if rejoins then redis.call('HSET', meta, 'graceUntil', string.format('%.0f', now_ms() + grace_ms)) end
  end
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

-- batch(node, number, items): each item is [kind, session, ...]. A number that was carried out before does nothing.
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
    -- What is wrong with one item must not cost those behind it their place.
    local is_fine, why = pcall(carry_out, call, unpack(item))
    if not is_fine then failure = why end
  end
  call:flush(node, args[2])
  return failure and 'failed: ' .. tostring(failure) or 'ok'
end

-- lease(node, renewal, read_up_to): the node lives and has read its inbox so far. Finds out who doesn't.
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

-- leave(node): a clean end.
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
