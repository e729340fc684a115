#!lua name=LIBRARY_NAME
-- The directory of many server processes, inside Redis: who is online, in which state, paired with whom, and who wins.
--
-- Owns: every decision between users whose processes know nothing of each other. A call is atomic: in one step it
-- reads, decides, writes the rows, and appends the updates to the inboxes of the nodes. Each command does what
-- `../chat/directory/memoryDirectory.ts` does with it; a test plays the same commands against both. Knows nothing of
-- sentences, leases and joining.
-- Next: `claiming.lua` (who gets an id), `telling.lua` (what goes to the inboxes), `asking.lua` (who may ask whom),
-- `holding.lua`, `membership.lua` (all loaded behind this file as one text: `luaLibrary.ts`), `wireTypes.ts` (the items).
--
-- A node is a server process. A session is called NODE/NAME. All keys begin with the one key that a call is given, and
-- that key holds a hash tag:
--   :rows   hash   session -> {id, session, state, other, pairingId, order} as JSON; other is a session, or empty. Some
--                  rows have network (the address, if nobody else has it) and refuses (names; see `asking.lua`)
--   :ids    hash   lower-case id -> session
--   :order  zset   session -> order. The first of them are listed: every node knows their rows. Any other row is known
--                  to its own node and to its partner's
--   :room   hash   node -> how many of its users are in the room; only the nodes with somebody there
--   :history list  what was said in the room last, as {when in ms since 1970, text}
--   :of:N   set    the sessions of node N that have an id
--   :nodes  zset   node -> when its lease ends, in ms of the directory's clock
--   :bans   hash   target -> the operator's latest word about it, as JSON; it stays when Redis is left behind
--   :meta   hash   order, pairingId, inRoom (how many users), and what `membership.lua` keeps there
-- `asking.lua` and `membership.lua` have some more of their own.
--
-- An inbox entry has the fields n and r (how many users are online, and in the room) and d, a JSON list of items:
-- ["row", row, is_listed], ["gone", session, id, state, is_lost],
-- ["update", session, update], what a node passes to another one (`wireTypes.ts`), ["room", text, from, is_said, is_delivered],
-- ["menu", text, from], ["history", list], ["snapshot"],
-- ["leaseAck", renewal, inbox_length], ["peer", node, address], ["peerGone", node], ["sweep"], ["act", json, from],
-- ["ban", json, from].
-- If a batch caused the entry, it also has s (the node that sent the batch) and k (the batch's number).

-- So many rows are told to every node: as many as a list of users names.
local list_size = 500
-- What the room remembers: so many texts, and so many bytes of them. A node keeps less.
local max_history, max_history_bytes = 100, 65536

local function wall_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function node_of(session)
  return string.match(session, '^(.*)/') or ''
end

-- One call: the rows that it has read, what they were before, and what it has to tell (`telling.lua`).
local Call = {}
Call.__index = Call

local function open(key)
  local now = tonumber(redis.call('HGET', key .. ':meta', 'clock') or 0)
  return setmetatable({ key = key, now = now, known = {}, before = {}, to_all = {}, out = {} }, Call)
end

function Call:is_listed(session)
  local rank = redis.call('ZRANK', self.key .. ':order', session)
  return rank and rank < list_size
end

-- Tells of a row whoever has to know: all nodes if it is listed; else its own, and those of its partner and of the
-- partner it had before.
function Call:tell(row, is_listed, text)
  if is_listed then return self:put_text_to_all(text) end
  local former = (self.before[row.session] or row).other
  local to = { [node_of(row.session)] = true, [node_of(row.other)] = true, [node_of(former)] = true }
  for node in pairs(to) do
    if node ~= '' then self:put_text(node, text) end
  end
end

function Call:tell_row(row, json, is_listed)
  self:tell(row, is_listed, '["row",' .. json .. ',' .. tostring(is_listed or false) .. ']')
end

-- The first user of a node in the room finds there what was said before.
function Call:put_history(node)
  local texts, bytes = {}, 0
  for _, json in ipairs(redis.call('LRANGE', self.key .. ':history', 0, -1)) do
    bytes = bytes + #json
    if bytes > max_history_bytes then break end
    table.insert(texts, 1, json)
  end
  self:put_text(node, '["history",[' .. table.concat(texts, ',') .. ']]')
end

-- Counts a user of this node who is now in the room, and wasn't before, or the other way round.
function Call:count_in_room(session, is_there)
  local was_there = (self.before[session] or {}).state == 'commonRoom'
  if was_there == is_there then return end
  local node, step = node_of(session), is_there and 1 or -1
  redis.call('HINCRBY', self.key .. ':meta', 'inRoom', step)
  local count = redis.call('HINCRBY', self.key .. ':room', node, step)
  if count < 1 then redis.call('HDEL', self.key .. ':room', node) end
  if is_there and count == 1 then self:put_history(node) end
end

function Call:remember(row) self.before[row.session] = { state = row.state, other = row.other } end

-- A listed row is gone: the next one takes its place in the list.
function Call:list_next()
  local session = redis.call('ZRANGE', self.key .. ':order', list_size - 1, list_size - 1)[1]
  local json = session and redis.call('HGET', self.key .. ':rows', session)
  if json then self:put_text_to_all('["row",' .. json .. ',true]') end
end

-- Tells of a row that is gone. Who is in the room reads of a user there whose node can't say it any more.
function Call:tell_gone(row, is_lost)
  local text = cjson.encode({ 'gone', row.session, row.id, row.state, is_lost })
  local is_listed = self:is_listed(row.session)
  self:tell(row, is_listed, text)
  if is_lost and row.state == 'commonRoom' and not is_listed then
    for _, node in ipairs(redis.call('HKEYS', self.key .. ':room')) do self:put_text(node, text) end
  end
  redis.call('ZREM', self.key .. ':order', row.session)
  self:count_in_room(row.session, false)
  self.before[row.session] = nil
  if is_listed then self:list_next() end
end

-- Why no id is given out just now: the nodes have to say first what they hold, or Redis is full.
function Call:gives_no_ids()
  local grace_until, is_full = unpack(redis.call('HMGET', self.key .. ':meta', 'graceUntil', 'isFull'))
  if self.now < tonumber(grace_until or 0) or is_full == '1' then return true end
  return redis.call('SCARD', self.key .. ':holding') > 0
end

-- The other side of a pairing. Nil if its node has not said so since Redis was lost, or says something else.
function Call:partner(row)
  local other = self:row(row.other)
  return other and other.other == row.session and other.pairingId == row.pairingId and other or nil
end

-- A pairing of which the other side is not there ends here alone, and at once: whoever asks gets an answer.
function Call:end_alone(row, update)
  local pairingId = row.pairingId
  self:unpair(row)
  self:notify(row.session, { type = update, pairingId = pairingId })
end

function Call:put(node, item)
  self:put_text(node, cjson.encode(item))
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
    if row then self:remember(row) end
  end
  return row or nil
end

function Call:save(row)
  local json = cjson.encode(row)
  self.known[row.session] = row
  redis.call('HSET', self.key .. ':rows', row.session, json)
  self:count_in_room(row.session, row.state == 'commonRoom')
  self:tell_row(row, json, self:is_listed(row.session))
  self:remember(row)
end

function Call:add(row)
  redis.call('HSET', self.key .. ':ids', string.lower(row.id), row.session)
  redis.call('SADD', self.key .. ':of:' .. node_of(row.session), row.session)
  redis.call('ZADD', self.key .. ':order', row.order, row.session)
  self:save(row)
end

-- `is_lost`: the row's node can't announce it any more.
function Call:drop(row, is_lost)
  self.known[row.session] = false
  redis.call('HDEL', self.key .. ':rows', row.session)
  redis.call('HDEL', self.key .. ':ids', string.lower(row.id))
  redis.call('SREM', self.key .. ':of:' .. node_of(row.session), row.session)
  self:tell_gone(row, is_lost)
end

function Call:place(row, state)
  row.state = state
  self:save(row)
end

function Call:unpair(row)
  row.state, row.other, row.pairingId = 'menu', '', 0
  self:save(row)
end

local function is_in_chat(row) return row.state == 'chatting' or row.state == 'away' end

-- A session or its node has ended: the row leaves every dictionary, and the partner is notified.
local function remove(call, row, is_lost)
  call:drop(row, is_lost)
  local other = call:row(row.other)
  if not other or other.other ~= row.session then return end
  call:unpair(other)
  if is_in_chat(row) then
    call:notify(other.session, { type = 'chat.ended', pairingId = row.pairingId })
  elseif row.state == 'requesting' then
    call:notify(other.session, { type = 'request.withdrawn', pairingId = row.pairingId })
  else
    call:notify(other.session, { type = 'request.refused', reason = 'gone' })
  end
end

local function end_request(call, row, how)
  if row.state ~= 'requesting' or row.other == '' then return end
  local other, pairingId = call:partner(row), row.pairingId
  if not other then return call:end_alone(row, how) end
  call:unpair(row)
  call:unpair(other)
  call:notify(other.session, { type = how, pairingId = pairingId })
  call:notify(row.session, { type = how, pairingId = pairingId })
end

-- The partner's row, if the pairing has this state and this number; who is away is still in their chat. Without the other side it ends here, with `update`.
local function paired(call, row, state, pairingId, update)
  if row.pairingId ~= pairingId then return nil end
  if row.state ~= state and not (state == 'chatting' and is_in_chat(row)) then return nil end
  local other = call:partner(row)
  if not other then call:end_alone(row, update) end
  return other
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

-- `key` is the id that was asked for, in lower case. The asker's server brings the limits.
commands['request.make'] = function(call, row, key, per_minute, wait_ms)
  if row.state ~= 'requesting' or row.other ~= '' then return end
  local session = redis.call('HGET', call.key .. ':ids', key)
  local target = session and call:row(session)
  local reason = call:refusal(target, row, per_minute, wait_ms)
  if reason then
    call:place(row, 'menu')
    call:notify(row.session, { type = 'request.refused', reason = reason })
    return
  end
  call:note_asked(target, per_minute)
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
  local other = paired(call, row, 'confirming', pairingId, 'request.withdrawn')
  if not other then return end
  call:place(row, 'chatting')
  call:place(other, 'chatting')
  call:notify(other.session, started_with(row))
  call:notify(row.session, started_with(other))
end

commands['chat.leave'] = function(call, row, pairingId)
  local other = paired(call, row, 'chatting', pairingId, 'chat.ended')
  if not other then return end
  call:unpair(row)
  call:unpair(other)
  call:notify(other.session, { type = 'chat.ended', pairingId = pairingId })
  call:notify(row.session, { type = 'chat.ended', pairingId = pairingId })
end

-- The user may come back by `id.take`.
commands['chat.suspend'] = function(call, row, pairingId)
  local other = paired(call, row, 'chatting', pairingId, 'chat.ended')
  if not other then return end
  call:place(row, 'away')
  call:notify(other.session, { type = 'partner.away', pairingId = pairingId })
end

commands['gone'] = function(call, row) remove(call, row, false) end

-- What passes through here keeps its place among the decisions.
local relays = {}
relays['pass'] = function(call, _, node, json) call:put_text(node, json) end
relays['room'] = function(call, from, text, is_said, is_delivered)
  local item = cjson.encode({ 'room', text, from, is_said, is_delivered })
  for _, node in ipairs(redis.call('HKEYS', call.key .. ':room')) do call:put_text(node, item) end
  if not is_said then return end
  local history = call.key .. ':history'
  redis.call('LPUSH', history, cjson.encode({ wall_ms(), text }))
  redis.call('LTRIM', history, 0, max_history - 1)
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
    call:claim(session, ...)
  elseif kind == 'id.take' then
    local id, network, doubted = ...
    call:claim(session, id, network, true, doubted)
  else
    local row = call:row(session)
    if row and commands[kind] then commands[kind](call, row, ...) end
  end
end
