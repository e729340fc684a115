/** A server that is stopped and started again, or stopped for good, and the client in a real terminal. */
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { clientCommand } from '../support/runClient.ts';
import { describeInTerminal, Terminal } from '../support/terminal.ts';
import { startTestServer } from '../support/testServer.ts';
import { menu } from '../support/wireTexts.ts';

async function start() {
  const server = await startTestServer();
  const terminal = await Terminal.start(clientCommand('127.0.0.1', server.port));
  await terminal.expectScreen('Enter your user ID:');
  await terminal.say('lior');
  await terminal.expectScreen(menu.trimEnd());
  return { server, terminal };
}

describeInTerminal('when the server is stopped', () => {
  it('is back with its id as soon as the server is, and keeps what was typed', async () => {
    const { server, terminal } = await start();
    await terminal.type('unsent');
    await terminal.expectScreen('unsent');
    await server.stop();
    await terminal.expectScreen(
      'shutting down. Goodbye!\nstatechat client: waiting up to 60 s for its return, Ctrl-C to stop.\nunsent',
    );
    const again = await startTestServer({ port: server.port });
    await eventually(() => [...again.lobby.directory.rows()].map(({ id }) => id)).toEqual(['lior']);
    const screen = await terminal.expectScreen(`${menu}unsent`);
    expect(screen).toContain('connected again; the dialogue starts over as lior.');
  });

  it('ends when the server ends for good', async () => {
    const { server, terminal } = await start();
    server.lobby.operator.act({ type: 'operator.drain', forMs: 1, by: 'root' });
    const screen = await terminal.expectScreen('[exit 1]');
    expect(screen).toContain('not be back soon. Goodbye!\nstatechat client: the server closed the connection.\n');
  });
});
