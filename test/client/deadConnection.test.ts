/** A connection that is dead although nobody has closed it. */
import { readFileSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { connectClient } from '../support/clientInTerminal.ts';
import { clientCommand } from '../support/runClient.ts';
import { ScriptedServer } from '../support/scriptedServer.ts';
import { describeInTerminal, Terminal } from '../support/terminal.ts';

/** The kind of timer that runs for the client's end of a connection to this port, by Linux: 2 is keep-alive. */
function timerOf(port: number): string | undefined {
  const remote = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((row) => row.trim().split(/\s+/));
  return rows.find((row) => row[2]?.endsWith(remote))?.[5]?.split(':')[0];
}

describeInTerminal('a dead connection', () => {
  it.skipIf(process.platform !== 'linux')('is found by the system, which asks for signs of life', async () => {
    const server = await ScriptedServer.listen();
    onTestFinished(() => server.close());
    await Terminal.start(clientCommand('127.0.0.1', server.port));
    const connection = await server.accept();
    connection.say('Hello.\n');
    await expect.poll(() => timerOf(server.port)).toBe('02');
  });

  it('is mentioned when a reply that is due does not come', async () => {
    const { connection, terminal } = await connectClient({}, '--id', 'lior');
    await connection.expectHeard('lior\n');
    await terminal.expectScreen('statechat client: no reply for 10 s.');
    await terminal.press('C-c');
    await terminal.expectScreen('[exit 0]');
  });
});
