/** What users see at the bundled client: real terminals, wide and narrow, and a real server. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { nameFile } from '../support/passwordGates.ts';
import { clientCommand } from '../support/runClient.ts';
import { ScriptedServer } from '../support/scriptedServer.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { describeInTerminal, Terminal, type TerminalOptions } from '../support/terminal.ts';
import { startTestServer } from '../support/testServer.ts';
import { connect, type User } from '../support/user.ts';
import { idPrompt, idTaken, menu, menuEnd, passwordPrompt, targetPrompt } from '../support/wireTexts.ts';

const sizes = [
  { columns: 80, rows: 24 },
  { columns: 40, rows: 10 },
];
const colourful = { TERM: 'tmux-256color' };

/** A user at the client, in the menu, and another one who is connected too. */
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

  it('seven users on the screen have seven colours', async () => {
    const [terminal, golan, server] = await arrive({ env: colourful, rows: 40 });
    await terminal.say('3');
    await terminal.expectScreen('Joined common room.');
    const ids = ['ann', 'ben', 'dana', 'eli', 'maya', 'noa'];
    const others = await Promise.all(
      ids.map(async (id) => {
        const person = await connect(server);
        await person.identify(id);
        return person;
      }),
    );
    for (const person of [golan, ...others]) {
      person.choose(3);
      await person.readThrough('Type exit() to leave.\n');
      person.say('hello');
    }
    for (const id of ['golan', ...ids]) await terminal.expectScreen(`${id}: hello`);
    const screen = (await terminal.screen({ colours: true })).replaceAll(String.fromCharCode(27), '^');
    const colours = Array.from(
      screen.matchAll(/38;5;(\d+)m(?:\^\[[\d;]+m)*\w+\^\[39m: hello/g),
      ([, colour]) => colour,
    );
    expect(new Set(colours).size).toBe(7);
  });

  it('a message for the desktop goes with the bell, and is the client’s own', async () => {
    const [terminal, golan] = await arrive({ env: { VTE_VERSION: '7200' } });
    const file = join(temporaryFolder(), 'output');
    await terminal.record(file);
    golan.choose(1);
    await golan.expect(targetPrompt);
    golan.say('lior');
    await terminal.expectScreen('wants to chat with you.');
    await terminal.say('y');
    await terminal.expectScreen('Chat started');
    golan.say('lior;evil');
    await terminal.expectScreen('lior;evil');
    const codes = () =>
      readFileSync(file, 'utf8')
        .split('\x1b]')
        .slice(1)
        .map((code) => code.split('\x1b\\')[0]);
    // The terminal writes it down a little later than it shows it.
    await eventually(codes).toEqual([
      '777;notify;statechat;Somebody wants to chat with you.',
      '777;notify;statechat;Somebody mentions you.',
    ]);
  });

  it('says that a user has been asked, unless a refusal has come at once', async () => {
    const [terminal, golan] = await arrive({});
    await terminal.say('1');
    await terminal.expectScreen('Enter user ID:');
    await terminal.say('nobody');
    await terminal.expectScreen('User not found.');
    await terminal.say('1');
    await terminal.expectScreen(/Enter user ID:$/);
    await terminal.say('golan');
    const screen = await terminal.expectScreen('statechat client: golan has been asked. exit() takes it back.');
    expect(screen).not.toContain('nobody has been asked');
    await golan.readThrough('Accept? (y/n): ');
    golan.decline();
    await terminal.expectScreen('Request denied.');
  });

  it('an emoji is one step of the cursor, and one that is removed', async () => {
    const [terminal, golan] = await arrive({});
    await chat(terminal, golan);
    await terminal.type('a👩‍👩‍👧b');
    await terminal.press('Left', 'Left');
    await terminal.type('X');
    await terminal.press('Right', 'BSpace', 'Enter');
    await golan.expect('lior: aXb\n');
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

  it('the password of an id is not seen either, and what the id was typed as is', async () => {
    const server = await startTestServer({ names: nameFile(['golan', 'sesame']) });
    const terminal = await Terminal.start(clientCommand('127.0.0.1', server.port, '--id', 'golan'));
    await terminal.expectScreen('Password for golan:');
    await terminal.say('sesame');
    expect(await terminal.expectScreen(menuEnd.trimEnd())).toMatch(
      /^Enter your user ID: golan\nPassword for golan:\nMenu:/,
    );
    await terminal.press('Up');
    await terminal.say('4');
    await terminal.expectScreen('golan (free, you)');
    expect(await terminal.screen({ scrollback: true })).not.toContain('sesame');
  });
});
