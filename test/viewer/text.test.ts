/** The page's words for events, whatever ids users have. */
import { expect, it } from 'vitest';
import { eventText } from '../../src/viewer/page/text.js';

it.each([
  [{ type: 'request.received', askerId: 'lior', pairingId: 1 }, 'request.received lior'],
  [{ type: 'request.received', askerId: 's1', pairingId: 1 }, 'request.received s1'],
  [{ type: 'chat.started', partnerId: 's2', partnerSession: 's1', pairingId: 1 }, 'chat.started s2'],
  [{ type: 'id.claim', id: 's1', session: 's1' }, 'id.claim s1'],
  [{ type: 'menu.return', session: 's1' }, 'menu.return'],
  [
    { type: 'directory.updated', session: 's2', update: { type: 'request.received', askerId: 's1', pairingId: 1 } },
    'directory.updated: request.received s1',
  ],
])('names the user of %j, also one who is called as a session is', (event, text) => {
  expect(eventText(event)).toBe(text);
});
