-- The protocol of statechat in Wireshark and tshark: what each segment is, and in which state its reader is after it.
--
-- Owns: the state of each connection as the capture shows it, from the sentences that `sentences.lua` knows. Put both files into
-- Wireshark's folder of plugins, or: tshark -X lua_script:statechat.lua -o statechat.port:7000
-- Filters: statechat.kind == "question", statechat.state == "chatting", statechat.from == "server".

local folder = debug.getinfo(1, 'S').source:match('^@(.*[/\\])') or ''
local sentences = dofile(folder .. 'sentences.lua')

local statechat = Proto('statechat', 'statechat')
local fields = {
  kind = ProtoField.string('statechat.kind', 'Kind'),
  state = ProtoField.string('statechat.state', 'State'),
  from = ProtoField.string('statechat.from', 'From'),
  text = ProtoField.string('statechat.text', 'Text'),
}
statechat.fields = { fields.kind, fields.state, fields.from, fields.text }
statechat.prefs.port = Pref.uint('TCP port', 65432, 'The port of the server')

local port_of = Field.new('tcp.srcport')
local stream_of = Field.new('tcp.stream')

-- The state of the reader after a sentence. A sentence that is missing here leaves the state as it is.
local leads_to = {
  idPrompt = 'identifying', idTaken = 'identifying', menu = 'menu', targetPrompt = 'requesting',
  question = 'confirming', chatStarted = 'chatting', roomJoined = 'commonRoom', farewell = 'closed',
}

-- What a user's line is, by the user's state.
local means = {
  identifying = 'id', menu = 'choice', requesting = 'target', confirming = 'answer', chatting = 'chat line', commonRoom = 'room line',
}

-- By stream: the state of the user. By packet: what it was found to be, because Wireshark looks at packets more than once.
local states, found = {}, {}

function statechat.init()
  states, found = {}, {}
end

-- Returns the sentences in a text of the server, in order.
local function sentences_in(text)
  local kinds, at = {}, 1
  while at <= #text do
    local matched
    for _, sentence in ipairs(sentences) do
      local from, to = text:find(sentence.pattern, at)
      if from == at and to >= from then
        kinds[#kinds + 1], at, matched = sentence.name, to + 1, true
        break
      end
    end
    if not matched then
      -- Something else: to the end of the line.
      local _, line_end = text:find('\n', at, true)
      at = (line_end or #text) + 1
    end
  end
  return kinds
end

local function look(text, stream, is_server)
  local state = states[stream] or 'connected'
  if not is_server then
    local kind = text:match('^%s*exit%(%)%s*$') and 'exit()' or means[state] or 'line'
    return { kind = kind, state = state, from = 'client' }
  end
  local kinds = sentences_in(text)
  for _, kind in ipairs(kinds) do state = leads_to[kind] or state end
  states[stream] = state
  return { kind = table.concat(kinds, ', '), state = state, from = 'server' }
end

function statechat.dissector(buffer, packet, tree)
  if buffer:len() == 0 then return end
  local text = buffer:raw()
  local result = found[packet.number]
  if result == nil then
    result = look(text, stream_of().value, port_of().value == packet.match_uint)
    found[packet.number] = result
  end
  packet.cols.protocol = 'statechat'
  packet.cols.info = string.format('%s: %s [%s]', result.from, result.kind, result.state)
  local branch = tree:add(statechat, buffer(), 'statechat: ' .. result.kind)
  branch:add(fields.from, result.from)
  branch:add(fields.kind, result.kind)
  branch:add(fields.state, result.state)
  branch:add(fields.text, buffer(), (text:gsub('\n', '\\n')))
  return buffer:len()
end

-- The port of the preference. It is read after this file: with -o, and when it is changed in Wireshark's window.
local ports = DissectorTable.get('tcp.port')
local port = statechat.prefs.port
ports:add(port, statechat)

function statechat.prefs_changed()
  if statechat.prefs.port == port then return end
  ports:remove(port, statechat)
  port = statechat.prefs.port
  ports:add(port, statechat)
end
