-- What a call tells the nodes: items that are gathered in one order, and written to the inboxes at its end.
--
-- Owns: who gets which items, and that what is told to all is put together once, however many nodes there are. Knows
-- nothing of what the items mean. Next: `directory.lua` (loaded before this file), `asking.lua` (behind it).
--
-- `to_all` holds what is told to every node. `out` holds for a node what only that one is told (`texts`), each with the
-- number of items for all that come before it (`behind`).

function Call:put_text(node, text)
  local own = self.out[node]
  if not own then
    own = { texts = {}, behind = {} }
    self.out[node] = own
  end
  local at = #own.texts + 1
  own.texts[at], own.behind[at] = text, #self.to_all
end

-- Every node: those that take part when this is written.
function Call:put_text_to_all(text) self.to_all[#self.to_all + 1] = text end

function Call:put_all(item) self:put_text_to_all(cjson.encode(item)) end

-- The items of one node, in their places among those for all.
local function merged(to_all, own)
  local items, told = {}, 0
  local function tell_up_to(last)
    for at = told + 1, last do items[#items + 1] = to_all[at] end
    told = last
  end
  for at, text in ipairs(own.texts) do
    tell_up_to(own.behind[at])
    items[#items + 1] = text
  end
  tell_up_to(#to_all)
  return items
end

-- Writes what was gathered. Before other nodes take part, it has to be called. An inbox that isn't there any more takes
-- nothing.
function Call:flush(source, number)
  local to_all, out = self.to_all, self.out
  if #to_all == 0 and next(out) == nil then return end
  local counts = { 'n', redis.call('ZCARD', self.key .. ':order'), 'r' }
  counts[4] = redis.call('HGET', self.key .. ':meta', 'inRoom') or 0
  if source then counts[5], counts[6], counts[7], counts[8] = 's', source, 'k', number end
  local function write(node, items)
    local inbox = self.key .. ':in:' .. node
    redis.call('XADD', inbox, 'NOMKSTREAM', '*', 'd', '[' .. items .. ']', unpack(counts))
  end
  local is_told = {}
  if #to_all > 0 then
    local items = table.concat(to_all, ',')
    for _, node in ipairs(redis.call('ZRANGE', self.key .. ':nodes', 0, -1)) do
      is_told[node] = true
      if not out[node] then write(node, items) end
    end
  end
  for node, own in pairs(out) do write(node, table.concat(merged(is_told[node] and to_all or {}, own), ',')) end
  self.to_all, self.out = {}, {}
end
