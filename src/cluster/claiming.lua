-- Who gets an id: the first who claims it, or whoever has said its password.
--
-- Owns: what becomes of the session that has it until then, and the way back into a chat for a user who was away.
-- Next: `directory.lua`, behind which this file is loaded.

-- A user is back in the chat that another session of theirs was away from, by the id that the partner knows.
function Call:come_back(session, network, away, other)
  local id, pairingId = away.id, away.pairingId
  local order = redis.call('HINCRBY', self.key .. ':meta', 'order', 1)
  local row = { id = id, session = session, state = 'chatting', other = other.session, pairingId = pairingId }
  row.order, row.refuses = order, away.refuses
  if network ~= '' then row.network = network end
  self:drop(away, false)
  other.other = session
  self:save(other)
  self:add(row)
  local chat = { partnerId = other.id, partnerSession = other.session, pairingId = pairingId }
  if other.state == 'away' then chat.isPartnerAway = true end
  self:notify(session, { type = 'id.granted', id = id, isProved = true, chat = chat })
  self:notify(other.session, { type = 'partner.back', partnerSession = session, pairingId = pairingId })
end

-- `network` is empty if others may have the same address. `is_proved`, true or nil: whoever has the id gives it up. Who is
-- in a chat is doubted first; `doubted` is the session that was, or empty.
function Call:claim(session, id, network, is_proved, doubted)
  local owner = redis.call('HGET', self.key .. ':ids', string.lower(id))
  if self:row(session) or (owner and not is_proved) then
    self:notify(session, { type = 'id.refused' })
  elseif self:gives_no_ids() then
    self:notify(session, { type = 'id.refused', reason = 'unavailable' })
  else
    if owner then
      local row = self:row(owner)
      if row.state == 'chatting' and doubted ~= owner then
        self:notify(owner, { type = 'connection.doubted' })
        self:notify(session, { type = 'take.delayed', id = id, holder = owner })
        return
      end
      self:notify(owner, { type = 'session.evicted' })
      local other = row.state == 'away' and self:partner(row)
      if other then return self:come_back(session, network, row, other) end
      remove(self, row, false)
    end
    local order = redis.call('HINCRBY', self.key .. ':meta', 'order', 1)
    local row = { id = id, session = session, state = 'menu', other = '', pairingId = 0, order = order }
    if network ~= '' then row.network = network end
    self:add(row)
    self:notify(session, { type = 'id.granted', id = id, isProved = is_proved, takesOver = owner and true or nil })
  end
end
