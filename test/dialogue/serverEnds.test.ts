/** The ends that come from the server. */

import { describe, expect, it, vi } from 'vitest';
import { Session } from '../../src/chat/session.ts';
import { gather, startChat } from '../support/gathering.ts';
import { places } from '../support/places.ts';
import { rowNamed } from '../support/rowNamed.ts';
import { startTestServer } from '../support/testServer.ts';
import { connect } from '../support/user.ts';
import { idPrompt, menu } from '../support/wireTexts.ts';

/** A line that comes while a prompt stands starts on a line of its own. */
const afterPrompt = (prompt: string) => (prompt === '' ? '' : '\n');

describe('when the server stops', () => {
  it.each(places)('says so to lior in $name, then FIN', async (place) => {
    const server = await startTestServer();
    const { lior, golan, noa } = await place.arrange(server);
    const stopped = server.stop();
    await lior.expect(`${afterPrompt(place.prompt)}The server is shutting down. Goodbye!\n`);
    await lior.expectEnd();
    await golan.expect(`${afterPrompt(place.golanPrompt)}The server is shutting down. Goodbye!\n`);
    await golan.expectEnd();
    await noa.expect('The server is shutting down. Goodbye!\n');
    await noa.expectEnd();
    await stopped;
  });

  it('delivers first what was said before', async () => {
    const server = await startTestServer();
    const [lior, golan] = await gather(server, 'lior', 'golan');
    await startChat(lior, golan);
    const text = 'x'.repeat(4000);
    for (let line = 0; line < 100; line++) lior.say(text);
    await golan.expect(`lior: ${text}\n`);
    const stopped = server.stop();
    const read = await golan.readToEnd();
    expect(read).toMatch(/^(lior: x{4000}\n)*The server is shutting down\. Goodbye!\n$/);
    await stopped;
  });
});

describe('when one session fails', () => {
  it('says so to that user alone, then FIN, and the others chat on', async () => {
    const server = await startTestServer();
    const [golan, noa, lior] = await gather(server, 'golan', 'noa', 'lior');
    await startChat(golan, noa);
    vi.spyOn(Session.prototype, 'say').mockImplementationOnce(() => {
      throw new Error('on purpose');
    });
    lior.say('?');
    await lior.expect('Something went wrong on the server. Goodbye!\n');
    await lior.expectEnd();
    golan.say('hello');
    await noa.expect('golan: hello\n');
    const again = await connect(server);
    await again.expect(idPrompt);
    again.say('lior');
    await again.expect(menu);
  });
});

describe('when the id goes to somebody else', () => {
  it.each(places.slice(1))('says so to lior in $name, then FIN, and frees the partner', async (place) => {
    const server = await startTestServer();
    const { lior, golan, noa } = await place.arrange(server);
    const row = rowNamed(server.lobby.directory, 'lior');
    server.lobby.sessions.get(row?.session ?? '')?.actor?.send({ type: 'session.evicted' });
    await lior.expect(`${afterPrompt(place.prompt)}Your user ID is now used elsewhere. Goodbye!\n`);
    await lior.expectEnd();
    await golan.expect(place.golanReads);
    await noa.expect('lior disconnected.\n');
  });
});
