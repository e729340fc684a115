/** What a user sees who types while lines come in: a real terminal, and a server that says what the test wants. */
import { expect, it } from 'vitest';
import { connectClient } from '../support/clientInTerminal.ts';
import { describeInTerminal } from '../support/terminal.ts';
import { proofPrompt, targetPrompt } from '../support/wireTexts.ts';

describeInTerminal('while a user types', () => {
  it('keeps what the user typed when a line comes in, with the cursor where it was', async () => {
    const { connection, terminal } = await connectClient();
    await terminal.type('golan');
    await terminal.press('Left', 'Left');
    await terminal.expectScreen('Enter user ID: golan');
    connection.say(`\nnoa joined the server.\n${targetPrompt}`);
    const screen = await terminal.expectScreen('noa joined');
    expect(screen).toBe('Hello.\nnoa joined the server.\nEnter user ID: golan');
    expect(await terminal.cursor()).toEqual({ column: targetPrompt.length + 3, row: 2 });
    await terminal.type('X');
    await terminal.press('Enter');
    await connection.expectHeard('golXan\n');
  });

  it('shows no password, says that the line typed before is gone, and sends the password alone', async () => {
    const { connection, terminal } = await connectClient();
    await terminal.type('hello ev');
    await terminal.expectScreen('hello ev');
    connection.say(`\n${proofPrompt('golan')}`);
    await terminal.expectScreen(/what you had typed is taken away: it is no part of the\s+password/);
    await terminal.type('/sesame');
    await terminal.press('Enter');
    await connection.expectHeard('/sesame\n');
    expect(await terminal.expectScreen(proofPrompt('golan').trim())).not.toMatch(/sesame|hello ev/);
    connection.say(`Wrong password.\n${targetPrompt}`);
    await terminal.expectScreen(/Wrong password\.\nEnter user ID:/);
    await terminal.press('Up');
    await terminal.type('!');
    expect(await terminal.expectScreen('Enter user ID: !')).not.toContain('sesame');
  });

  it('keeps text that wraps over several rows, and every row above it', async () => {
    const { connection, terminal } = await connectClient({ columns: 40, rows: 20 });
    connection.say(`\nfirst\nsecond\n${targetPrompt}`);
    const typed = 'a text that is so long that it needs three rows of forty columns each';
    await terminal.type(typed);
    await terminal.press('Home');
    await terminal.expectScreen('forty columns');
    connection.say(`\nthird\n${targetPrompt}`);
    await terminal.expectScreen('third');
    connection.say(`\n${'fourth '.repeat(12)}\n${targetPrompt}`);
    const screen = await terminal.expectScreen('fourth');
    const rows = [
      'Hello.',
      'first',
      'second',
      'third',
      'fourth fourth fourth fourth fourth',
      '    fourth fourth fourth fourth fourth',
      '    fourth fourth',
      ...inRows(targetPrompt + typed, 40),
    ];
    expect(screen.split('\n')).toEqual(rows);
    expect(await terminal.cursor()).toEqual({ column: targetPrompt.length, row: 7 });
  });

  it('keeps wide characters and text of exactly one row', async () => {
    const { connection, terminal } = await connectClient({ columns: 40, rows: 20 });
    const typed = '漢字 שלום '.padEnd(40 - targetPrompt.length - 2, 'x');
    await terminal.type(typed);
    await terminal.expectScreen(typed);
    connection.say(`\nnoa joined the server.\n${targetPrompt}`);
    await terminal.expectScreen('noa joined');
    await terminal.type('end');
    expect(await terminal.expectScreen('end')).toBe(`Hello.\nnoa joined the server.\n${targetPrompt}${typed}\nend`);
  });

  it.each([
    [40, 80],
    [80, 30],
  ])('loses no row when the terminal goes from %i to %i columns', async (from, to) => {
    const { connection, terminal } = await connectClient({ columns: from, rows: 20 });
    connection.say(`\nfirst\nsecond\nthird\n${targetPrompt}`);
    const typed = 'a text that is so long that it needs three rows of forty columns each';
    await terminal.type(typed);
    await terminal.expectScreen('each');
    await terminal.resize(to, 20);
    const wrapped = inRows(targetPrompt + typed, to);
    await terminal.expectScreen(wrapped.join('\n'));
    connection.say(`\nfourth\n${targetPrompt}`);
    await terminal.expectScreen('fourth');
    const all = await terminal.screen({ scrollback: true });
    expect(all.split('\n')).toEqual(['Hello.', 'first', 'second', 'third', 'fourth', ...wrapped]);
  });

  it('shows the answer below the question once it is given', async () => {
    const { connection, terminal } = await connectClient();
    await terminal.say('golan');
    await connection.expectHeard('golan\n');
    connection.say(`User not found.\nMenu:\n${targetPrompt}`);
    const screen = await terminal.expectScreen(/Menu:\nEnter user ID:/);
    expect(screen).toBe('Hello.\nEnter user ID: golan\nUser not found.\nMenu:\nEnter user ID:');
  });

  it('shows an id from the command line as if it had been typed', async () => {
    const { connection, terminal } = await connectClient({}, '--id', 'lior');
    await connection.expectHeard('lior\n');
    connection.say('Menu:\n');
    expect(await terminal.expectScreen('Menu:')).toBe('Hello.\nEnter your user ID: lior\nMenu:');
  });
});

/** The rows a terminal of this width makes of a text. */
function inRows(text: string, columns: number): string[] {
  return (text.match(new RegExp(`.{1,${columns}}`, 'g')) ?? []).map((row) => row.trimEnd()).filter((row) => row !== '');
}
