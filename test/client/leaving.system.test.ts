/** How a user leaves, or is left: a real terminal, and a server that ends the way the test wants. */
import { expect, it } from 'vitest';
import { farewellLine } from '../../src/client/farewell.ts';
import { connectClient } from '../support/clientInTerminal.ts';
import { clientCommand } from '../support/runClient.ts';
import { ScriptedServer } from '../support/scriptedServer.ts';
import { describeInTerminal, Terminal } from '../support/terminal.ts';
import { idPrompt, serverEnding, userNotFound } from '../support/wireTexts.ts';

/** The terminal echoes again, which one left in raw mode doesn't. */
async function expectRestored(terminal: Terminal): Promise<void> {
  await terminal.expectScreen('shell$');
  await terminal.say('stty -a | grep -ow -e -icanon -e icanon -e -echo -e echo | xargs');
  await terminal.expectScreen(/^icanon echo$/m);
}

describeInTerminal('at the end', () => {
  it('leaves at once on Ctrl-C, with the terminal as it was', async () => {
    const { connection, terminal } = await connectClient();
    await terminal.type('half a li');
    await terminal.expectScreen('half a li');
    await terminal.press('C-c');
    expect(await terminal.expectScreen('[exit 0]')).toMatch(/^Hello\.\nEnter user ID: half a li\n\[exit 0\]/);
    await connection.expectEnd();
    await expectRestored(terminal);
  });

  it('closes its half on Ctrl-D, prints what still comes and leaves when the server ends', async () => {
    const { connection, terminal } = await connectClient();
    await terminal.press('C-d');
    await connection.expectEnd();
    connection.say('\nlast words\n');
    await terminal.expectScreen('last words');
    connection.end();
    await terminal.expectScreen('[exit 0]');
    await expectRestored(terminal);
  });

  it('leaves on Ctrl-C while the server keeps it waiting after Ctrl-D', async () => {
    const { connection, terminal } = await connectClient();
    await terminal.press('C-d');
    await connection.expectEnd();
    await terminal.press('C-c');
    await terminal.expectScreen('[exit 0]');
  });

  it('leaves with 0 after the farewell', async () => {
    const { connection, terminal } = await connectClient();
    await terminal.say('2');
    await connection.expectHeard('2\n');
    connection.say(`${userNotFound}${farewellLine}\n`);
    connection.end();
    expect(await terminal.expectScreen('[exit')).toContain(`${userNotFound}${farewellLine}\n[exit 0]`);
    await expectRestored(terminal);
  });

  it('says so when the server closes the connection, and leaves with 1', async () => {
    const { connection, terminal } = await connectClient();
    connection.say(`\n${serverEnding}`);
    connection.end();
    const screen = await terminal.expectScreen('[exit 1]');
    expect(screen).toContain(
      'not be back soon. Goodbye!\nstatechat client: the server closed the connection.\n[exit 1]',
    );
    await expectRestored(terminal);
  });

  it('says that nothing listens there, and leaves with 1', async () => {
    const server = await ScriptedServer.listen();
    const { port } = server;
    await server.close();
    const terminal = await Terminal.start(clientCommand('127.0.0.1', port));
    const screen = await terminal.expectScreen('[exit 1]');
    expect(screen).toContain(`nothing listens on 127.0.0.1:${port} (connection refused).`);
  });
});

describeInTerminal('when the connection is lost', () => {
  it('tries again also when the system has closed it for a server that was killed', async () => {
    const { server, connection, terminal } = await connectClient({}, '--id', 'lior');
    connection.end();
    await terminal.expectScreen('connection lost.');
    const again = await server.accept();
    again.say(idPrompt);
    await again.expectHeard('lior\n');
  });

  it('tries again, keeps what was typed, and sends the id again', async () => {
    const { server, connection, terminal } = await connectClient({}, '--id', 'lior');
    await terminal.type('unsent');
    await terminal.expectScreen('unsent');
    connection.reset();
    await terminal.expectScreen('connection lost');
    await terminal.expectScreen(/Reconnecting in (0\.\d|1\.\d) s \(attempt 1 of 5\), Ctrl-C to stop\.\nunsent/);
    const next = await server.accept();
    next.say(idPrompt);
    await next.expectHeard('lior\n');
    const screen = await terminal.expectScreen(/Enter your user ID: lior\nunsent/);
    expect(screen).toContain('connected again; the dialogue starts over as lior.');
  });

  it('does not send a line typed in between, and leaves on Ctrl-C', async () => {
    const { server, connection, terminal } = await connectClient();
    server.stopListening();
    connection.reset();
    await terminal.expectScreen('attempt 2 of 5');
    await terminal.say('hello');
    await terminal.expectScreen('hello\nstatechat client: not connected, the line was not sent.');
    await terminal.press('C-c');
    await terminal.expectScreen('[exit 0]');
    await expectRestored(terminal);
  });
});
