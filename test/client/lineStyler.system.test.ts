/** What users see at the bundled client: real terminals, wide and narrow, and a real server. */
import { expect, it, onTestFinished } from 'vitest';
import { clientCommand } from '../support/runClient.ts';
import { ScriptedServer } from '../support/scriptedServer.ts';
import { describeInTerminal, Terminal, type TerminalOptions } from '../support/terminal.ts';
import { startTestServer } from '../support/testServer.ts';
import { connect, type User } from '../support/user.ts';
import { idPrompt, idTaken, menu, menuEnd, passwordPrompt, targetPrompt } from '../support/wireTexts.ts';

const sizes = [
  { columns: 80, rows: 24 },
  { columns: 40, rows: 10 },
];
const colourful = { TERM: 'tmux-256color' };

/** Somebody at the client, in the menu, and somebody else who is connected too. */
async function arrive(options: TerminalOptions, ...args: string[]): Promise<[Terminal, User, { port: number }]> {
  const server = await startTestServer();
  const terminal = await Terminal.start(clientCommand('127.0.0.1', server.port, ...args), options);
  await terminal.expectScreen('Enter your user ID:');
  await terminal.say('lior');
  await terminal.expectScreen(menuEnd.trimEnd());
  const golan = await connect(server);
  await golan.identify('golan');
  await terminal.expectScreen('golan joined the server.');
  return [terminal, golan, server];
}

async function chat(terminal: Terminal, other: User): Promise<void> {
  other.choose(1);
  await other.expect(targetPrompt);
  other.say('lior');
  await terminal.expectScreen('wants to chat with you.');
  await terminal.say('y');
  await other.readThrough('Type exit() to leave.\n');
  await terminal.expectScreen('Chat started with golan.');
}

describeInTerminal('at the client', () => {
  it.each(sizes)('a chat, in letters from everywhere, in $columns columns', async (size) => {
    const [terminal, golan] = await arrive(size);
    await chat(terminal, golan);
    const text = 'שלום 漢字 👍 and so on, and so on, until the row is full and one more is needed for it.';
    golan.say(text);
    await terminal.expectScreen('needed for it.');
    await terminal.type('typing');
    golan.say('short');
    const screen = (await terminal.expectScreen('golan: short\ntyping')).split('\n');
    const begin = screen.findIndex((row) => row.startsWith('golan: שלום'));
    const rows = screen.slice(begin, screen.indexOf('golan: short'));
    expect(rows.slice(1).every((row) => row.startsWith('    '))).toBe(true);
    expect(rows.map((row) => row.trim()).join(' ')).toBe(`golan: ${text}`);
    await terminal.press('Enter');
    await golan.expect('lior: typing\n');
  });

  it.each(sizes)('nobody can fake a line of the server in $columns columns', async (size) => {
    const [terminal, golan] = await arrive(size);
    await chat(terminal, golan);
    golan.say(`x${' '.repeat(size.columns - 'golan: x'.length)}golan left the chat.`);
    golan.say('done');
    const screen = await terminal.expectScreen('golan: done');
    expect(screen).not.toMatch(/^golan left/m);
    expect(screen).toMatch(/^ {4}golan left the chat\.$/m);
  });

  it('ids have colours, and own lines are dimmed', async () => {
    const [terminal, golan] = await arrive({ env: colourful });
    await chat(terminal, golan);
    await terminal.say('mine');
    await golan.expect('lior: mine\n');
    golan.say('theirs');
    await terminal.expectScreen('golan: theirs');
    const screen = await terminal.screen({ colours: true });
    const visible = screen.replaceAll(String.fromCharCode(27), '^');
    expect(visible).toContain('^[2mmine');
    expect(visible).toMatch(/38;5;\d+m(?:\^\[[\d;]+m)*golan\^\[39m: theirs/);
  });

  it('NO_COLOR is obeyed', async () => {
    const [terminal, golan] = await arrive({ env: { ...colourful, NO_COLOR: '1' } });
    await chat(terminal, golan);
    await terminal.say('mine');
    golan.say('theirs');
    await terminal.expectScreen('golan: theirs');
    expect(await terminal.screen({ colours: true })).not.toContain(String.fromCharCode(27));
  });

  it('Tab completes what the dialogue takes', async () => {
    const [terminal, golan] = await arrive({});
    await terminal.say('1');
    await terminal.expectScreen('Enter user ID:');
    await terminal.type('g');
    await terminal.press('Tab');
    await terminal.expectScreen(`${targetPrompt}golan`);
    await terminal.press('Enter');
    await golan.readThrough('Accept? (y/n): ');
    golan.accept();
    await terminal.expectScreen('Chat started');
    await terminal.type('e');
    await terminal.press('Tab');
    await terminal.expectScreen('exit()');
    await terminal.press('Enter');
    await terminal.expectScreen('You left the chat.');
  });

  it('the bell rings at a request, and not with --no-bell', async () => {
    for (const [args, rings] of [
      [[], true],
      [['--no-bell'], false],
    ] as const) {
      const [terminal, golan] = await arrive({}, ...args);
      golan.choose(1);
      await golan.expect(targetPrompt);
      golan.say('lior');
      await terminal.expectScreen('wants to chat with you.');
      await terminal.say('n');
      await terminal.expectScreen('Request denied.');
      expect(await terminal.hasRung()).toBe(rings);
    }
  });

  it('--times shows when each line came', async () => {
    const [terminal, golan] = await arrive({}, '--times');
    await chat(terminal, golan);
    golan.say('hello');
    await terminal.expectScreen(/^\d\d:\d\d golan: hello$/m);
    await terminal.say('hi');
    await terminal.expectScreen(/^\d\d:\d\d hi$/m);
  });

  it('the arrow up brings back what was typed', async () => {
    const [terminal, golan] = await arrive({});
    await chat(terminal, golan);
    await terminal.say('said before');
    await golan.expect('lior: said before\n');
    await terminal.press('Up', 'Enter');
    await golan.expect('lior: said before\n');
  });

  it('a password is not seen and not remembered, and after a reconnect the client has the same id again', async () => {
    const server = await ScriptedServer.listen();
    onTestFinished(() => server.close());
    const terminal = await Terminal.start(clientCommand('127.0.0.1', server.port));
    const first = await server.accept();
    first.say(passwordPrompt);
    await terminal.expectScreen('Password:');
    await terminal.type('sesame');
    await terminal.press('Enter');
    await first.expectHeard('sesame\n');
    first.say(idPrompt);
    await terminal.expectScreen('Enter your user ID:');
    await terminal.press('Up');
    await terminal.say('lior');
    await first.expectHeard('sesame\nlior\n');
    first.say(menu);
    expect(await terminal.expectScreen(menuEnd.trimEnd())).toMatch(/^Password:\nEnter your user ID: lior\nMenu:/);

    first.reset();
    const second = await server.accept();
    second.say(passwordPrompt);
    await terminal.expectScreen('starts over as lior.\nPassword:');
    await terminal.say('sesame');
    await second.expectHeard('sesame\n');
    second.say(idPrompt);
    await second.expectHeard('sesame\nlior\n');
    second.say(idTaken);
    await terminal.expectScreen('Choose another user ID:');
    await terminal.say('lior2');
    await second.expectHeard('sesame\nlior\nlior2\n');
    expect(await terminal.screen({ scrollback: true })).not.toContain('sesame');
  });
});
