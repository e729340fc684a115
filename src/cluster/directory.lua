#!lua name=LIBRARY_NAME
-- The directory of many server processes, inside Redis: who is online, in which state, paired with whom, and who wins.
--
-- Owns: every decision between users whose processes know nothing of each other. A call is atomic: in one step it
-- reads, decides, writes the rows, and appends the updates to the inboxes of the nodes. Each command does what
-- `../chat/directory/memoryDirectory.ts` does with it; a test plays the same commands against both. Knows nothing of
-- sentences, leases and joining.
-- Next: `membership.lua` (loaded behind this file as one text: `luaLibrary.ts`), `wireTypes.ts` (the items).
--
-- A node is a server process. A session is called NODE/NAME. All keys begin with the one key that a call is given, and
-- that key holds a hash tag:
--   :rows   hash   session -> {id, session, state, other, pairingId, order} as JSON; other is a session, or empty
--   :ids    hash   lower-case id -> session
--   :of:N   set    the sessions of node N that have an id
--   :nodes  zset   node -> when its lease ends, in ms of the directory's clock
--   :epochs hash   node -> the epoch of its latest join, also of nodes that are gone
--   :left   zset   node that is gone -> since when
--   :in:N   stream the inbox of node N
--   :last   hash   node -> the number of its latest batch that was applied
--   :peers  hash   node -> where the other nodes can ask it
--   :bans   hash   target -> the operator's latest word about it, as JSON; it stays when Redis is left behind
--   :unconfirmed zset session -> until when its partner's node may confirm the pairing
--   :meta   hash   runId (the Redis process that holds this), library (the functions that wrote it), order, pairingId,
--                  graceUntil, isFull (1 if Redis has no memory left), clock (the directory's own), seenAt (what Redis'
--                  clock showed when it was moved)
--
-- An inbox entry has the field d, a JSON list of items: ["row", row], ["gone", session, id, state, is_lost],
-- ["update", session, update], ["line", session, pairingId, text, from], ["ack", session, pairingId, length],
-- ["room", text, from, is_said, is_delivered], ["menu", text, from], ["snapshot"], ["leaseAck", renewal],
-- ["peer", node, address], ["peerGone", node], ["act", json, from], ["ban", json, from].
-- If a batch caused the entry, it also has s (the node that sent the batch) and k (the batch's number).

local function wall_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function node_of(session)
  return string.match(session, '^(.*)/') or ''
end

-- One call: the rows that it has read, and the items for each node's inbox.
local Call = {}
Call.__index = Call

local function open(key)
  local now = tonumber(redis.call('HGET', key .. ':meta', 'clock') or 0)
  local call = setmetatable({ key = key, now = now, known = {}, out = {} }, Call)
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

-- Why no id is given out just now: the nodes have to say first what they hold, or Redis is full.
function Call:gives_no_ids()
  local grace_until, is_full = unpack(redis.call('HMGET', self.key .. ':meta', 'graceUntil', 'isFull'))
  return self.now < tonumber(grace_until or 0) or is_full == '1'
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

-- `is_lost`: the row's node can't announce it any more.
function Call:drop(row, is_lost)
  self.known[row.session] = false
  redis.call('HDEL', self.key .. ':rows', row.session)
  redis.call('HDEL', self.key .. ':ids', string.lower(row.id))
  redis.call('SREM', self.key .. ':of:' .. node_of(row.session), row.session)
  self:put_all({ 'gone', row.session, row.id, row.state, is_lost })
end

function Call:place(row, state)
  row.state = state
  self:save(row)
end

function Call:unpair(row)
  row.state, row.other, row.pairingId = 'menu', '', 0
  self:save(row)
end

-- A session or its node has ended: the row leaves every dictionary, and the partner is notified.
local function remove(call, row, is_lost)
  call:drop(row, is_lost)
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

-- The partner's row, if the pairing has this state and this number.
local function paired(call, row, state, pairingId)
  if row.state ~= state or row.pairingId ~= pairingId then return nil end
  return call:row(row.other)
end

-- The commands of sessions. `row` is the session's; a session without a row can only claim an id.
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

-- `key` is the id that was asked for, in lower case.
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
  -- The time is the lower bound, so that numbers grow even after Redis has lost the latest one.
  local pairingId = math.max(tonumber(redis.call('HGET', call.key .. ':meta', 'pairingId') or 0) + 1, wall_ms())
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

local function started_with(partner)
  return {
    type = 'chat.started',
    partnerId = partner.id,
    partnerSession = partner.session,
    pairingId = partner.pairingId,
  }
end

commands['request.accept'] = function(call, row, pairingId)
  local other = paired(call, row, 'confirming', pairingId)
  if not other then return end
  call:place(row, 'chatting')
  call:place(other, 'chatting')
  call:notify(other.session, started_with(row))
  call:notify(row.session, started_with(other))
end

-- Declining a request and leaving a chat: both return to the menu.
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
  elseif call:gives_no_ids() then
    call:notify(session, { type = 'id.refused', reason = 'unavailable' })
  else
    local order = redis.call('HINCRBY', meta, 'order', 1)
    call:add({ id = id, session = session, state = 'menu', other = '', pairingId = 0, order = order })
    call:notify(session, { type = 'id.granted', id = id })
  end
end

-- Lines and their acks pass through here, so that they keep their place among the decisions.
local relays = {}
relays['line'] = function(call, from, to, pairingId, text)
  call:put(node_of(to), { 'line', to, pairingId, text, from })
end
relays['ack'] = function(call, _, to, pairingId, length)
  call:put(node_of(to), { 'ack', to, pairingId, length })
end
relays['room'] = function(call, from, text, is_said, is_delivered)
  call:put_all({ 'room', text, from, is_said, is_delivered })
end
relays['menu'] = function(call, from, text) call:put_all({ 'menu', text, from }) end

-- What operators do. Of two words about the same target the later counts; returns true if this one is news.
local function keep_ban(call, target, since, json)
  local bans = call.key .. ':bans'
  local known = redis.call('HGET', bans, target)
  if known and cjson.decode(known).sinceMs >= since then return false end
  redis.call('HSET', bans, target, json)
  return true
end
relays['act'] = function(call, from, json) call:put_all({ 'act', json, from }) end
relays['ban'] = function(call, from, target, since, json)
  if keep_ban(call, target, since, json) then call:put_all({ 'ban', json, from }) end
end

local function apply(call, kind, session, ...)
  if relays[kind] then
    relays[kind](call, session, ...)
  elseif kind == 'id.claim' then
    claim(call, session, ...)
  else
    local row = call:row(session)
    if row and commands[kind] then commands[kind](call, row, ...) end
  end
end
