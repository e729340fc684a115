/** Pasted text: a real terminal with bracketed paste, and a server that says what the test wants. */
import { expect, it } from 'vitest';
import { connectClient } from '../support/clientInTerminal.ts';
import { describeInTerminal } from '../support/terminal.ts';
import { menu, targetPrompt as prompt, targetPrompt } from '../support/wireTexts.ts';

const question = (lines: number) => `statechat client: send ${lines} lines? (y/n)`;

function numbered(count: number): string {
  return Array.from({ length: count }, (_, index) => `line ${index + 1}`).join('\n');
}

describeInTerminal('a paste', () => {
  it('of one line goes into the middle of what is typed, and is not sent', async () => {
    const { connection, terminal } = await connectClient();
    await terminal.type('abcdef');
    await terminal.press('C-a');
    await terminal.paste('START\n');
    await terminal.expectScreen(`${prompt}STARTabcdef`);
    expect(connection.heard).toBe('');
    await terminal.press('Enter');
    await connection.expectHeard('STARTabcdef\n');
  });

  it('of several lines is sent after y, with what was typed on both sides', async () => {
    const { connection, terminal } = await connectClient();
    await terminal.type('<>');
    await terminal.press('Left');
    await terminal.paste('one\ntwo\r\nthree');
    await terminal.expectScreen(question(3));
    expect(connection.heard).toBe('');
    await terminal.type('y');
    await connection.expectHeard('<one\ntwo\nthree>\n');
    await terminal.type('typing again');
    await terminal.expectScreen(/three>\ntyping again/);
  });

  it('of several lines is sent after y and Return, too, and the next Return is an empty line', async () => {
    const { connection, terminal } = await connectClient();
    await terminal.paste(numbered(3));
    await terminal.expectScreen(question(3));
    await terminal.type('y');
    await terminal.press('Enter');
    await connection.expectHeard(`${numbered(3)}\n`);
    await terminal.press('Enter');
    await connection.expectHeard(`${numbered(3)}\n\n`);
  });

  it.each(['n', 'Escape', 'Enter', 'C-c'])(
    'of several lines is not sent after %s, and the typed line stays',
    async (key) => {
      const { connection, terminal } = await connectClient();
      await terminal.type('typed');
      await terminal.paste(numbered(3));
      await terminal.expectScreen(question(3));
      connection.say(`\nnoa joined the server.\n${prompt}`);
      await terminal.expectScreen(/noa joined the server\.\nstatechat client: send 3/);
      await terminal.press(key);
      await terminal.expectScreen(`noa joined the server.\n${prompt}typed`);
      await terminal.press('Enter');
      await connection.expectHeard('typed\n');
    },
  );

  it('that is being sent stops at Ctrl-C, and the client stays', async () => {
    const { connection, terminal } = await connectClient();
    await terminal.paste(numbered(500));
    await terminal.expectScreen(question(500));
    await terminal.type('y');
    await terminal.expectScreen('sending 500 lines, 10 in a second; Ctrl-C stops.');
    await terminal.expectScreen('line 3\n');
    await terminal.press('C-c');
    const screen = await terminal.expectScreen(/stopped: \d+ of 500 lines were sent\./);
    const sent = Number(/stopped: (\d+)/.exec(screen)?.[1]);
    await terminal.say('after it');
    await connection.expectHeard(`${numbered(sent)}\nafter it\n`);
  });

  it('that is being sent stops at a typed line, which is sent', async () => {
    const { connection, terminal } = await connectClient();
    await terminal.paste(numbered(100));
    await terminal.expectScreen(question(100));
    await terminal.type('y');
    await terminal.expectScreen('line 2\n');
    await terminal.say('exit()');
    const screen = await terminal.expectScreen(/stopped: \d+ of 100 lines were sent\./);
    await connection.expectHeard(`${numbered(Number(/stopped: (\d+)/.exec(screen)?.[1]))}\nexit()\n`);
  });

  it('that is being sent stops when the partner leaves: the rest would go to the menu', async () => {
    const { connection, terminal } = await connectClient({}, '--id', 'lior');
    await connection.expectHeard('lior\n');
    connection.say(menu);
    await terminal.expectScreen('Who is online');
    await terminal.say('1');
    await connection.expectHeard('lior\n1\n');
    connection.say(targetPrompt);
    await terminal.expectScreen('Enter user ID:');
    await terminal.say('golan');
    await connection.expectHeard('lior\n1\ngolan\n');
    connection.say('Chat started with golan. Type exit() to leave.\n');
    await terminal.expectScreen('Chat started');
    await terminal.paste(numbered(100));
    await terminal.expectScreen(question(100));
    await terminal.type('y');
    await terminal.expectScreen('line 2\n');
    connection.say(`golan left the chat.\n${menu}`);
    const screen = await terminal.expectScreen(/stopped: \d+ of 100 lines were sent\./);
    const sent = Number(/stopped: (\d+)/.exec(screen)?.[1]);
    await terminal.say('4');
    await connection.expectHeard(`lior\n1\ngolan\n${numbered(sent)}\n4\n`);
  });

  it('shows and sends no control characters', async () => {
    const { connection, terminal } = await connectClient();
    await terminal.paste('a\x1b[2Jb\x07\tc');
    await terminal.expectScreen(`${prompt}a[2Jb c`);
    await terminal.press('Enter');
    await connection.expectHeard('a[2Jb\tc\n');
  });
});
