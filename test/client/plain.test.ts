/** `--plain`, for screen readers: what stands on the screen isn't written again. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { connectClient } from '../support/clientInTerminal.ts';
import { clientCommand } from '../support/runClient.ts';
import { ScriptedServer, type ServedConnection } from '../support/scriptedServer.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { describeInTerminal, Terminal } from '../support/terminal.ts';
import { targetPrompt as prompt } from '../support/wireTexts.ts';

/** A client at the server's prompt, all whose output from now on is in a file. */
async function connectRecorded(...args: string[]): Promise<[Terminal, ServedConnection, () => string]> {
  const server = await ScriptedServer.listen();
  const terminal = await Terminal.start(clientCommand('127.0.0.1', server.port, ...args), {
    env: { TERM: 'tmux-256color' },
  });
  const connection = await server.accept();
  connection.say(`Hello.\n${prompt}`);
  await terminal.expectScreen(/Enter user ID:/);
  const file = join(temporaryFolder(), 'output');
  await terminal.record(file);
  return [terminal, connection, () => readFileSync(file, 'utf8')];
}

describeInTerminal('with --plain', () => {
  it('a half typed line and the prompt are not written again for lines that come in', async () => {
    const [terminal, connection, output] = await connectRecorded('--plain');
    await terminal.type('half a li');
    await terminal.expectScreen('half a li');
    for (let line = 1; line <= 20; line++) {
      connection.say(`\nnoa says ${line}.\n${prompt}`);
      await terminal.expectScreen(`noa says ${line}.`);
    }
    await terminal.type('ne');
    await terminal.expectScreen(/^ne$/m);
    expect(output().match(/half a li/g)).toHaveLength(1);
    expect(output().match(/Enter user ID/g)).toBeNull();
    for (const code of ['A', 'J', 'm']) expect(output().replaceAll('\x1b[?', '')).not.toMatch(`\x1b\\[[0-9;]*${code}`);
    await terminal.press('Enter');
    await connection.expectHeard('half a line\n');
  });

  it('the line can be said again, and corrected', async () => {
    const [terminal, connection] = await connectRecorded('--plain');
    await terminal.type('half a lime');
    await terminal.expectScreen('half a lime');
    connection.say(`\nnoa joined the server.\n${prompt}`);
    await terminal.expectScreen('noa joined the server.');
    await terminal.press('C-l');
    await terminal.expectScreen(`noa joined the server.\n${prompt}half a lime`);
    await terminal.press('BSpace', 'BSpace');
    await terminal.type('ne');
    await terminal.expectScreen(`noa joined the server.\n${prompt}half a line`);
    await terminal.press('Enter');
    await connection.expectHeard('half a line\n');
  });

  it('a question is written once', async () => {
    const [terminal, connection, output] = await connectRecorded('--plain');
    await terminal.paste('one\ntwo');
    await terminal.expectScreen('send 2 lines? (y/n)');
    for (const name of ['noa', 'dana']) {
      connection.say(`\n${name} joined the server.\n${prompt}`);
      await terminal.expectScreen(`${name} joined the server.`);
    }
    expect(output().match(/send 2 lines/g)).toHaveLength(1);
    await terminal.type('y');
    await connection.expectHeard('one\ntwo\n');
  });

  it('a new prompt is written once, and what is typed behind it', async () => {
    const { connection, terminal } = await connectClient({}, '--plain', '--id', 'lior');
    await connection.expectHeard('lior\n');
    connection.say(`Menu:\nnoa wants to chat with you. Accept? (y/n): `);
    await terminal.expectScreen('Accept? (y/n):');
    await terminal.say('y');
    await connection.expectHeard('lior\ny\n');
    connection.say('Chat started with noa. Type exit() to leave.\n');
    expect(await terminal.expectScreen('Chat started')).toMatch(/Accept\? \(y\/n\): y\nChat started/);
  });
});
