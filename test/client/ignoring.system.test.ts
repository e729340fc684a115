/** A user at a real terminal who ignores another: what they see, and what the server hears. */
import { expect, it } from 'vitest';
import { connectClient } from '../support/clientInTerminal.ts';
import { describeInTerminal } from '../support/terminal.ts';
import { menu, menuEnd, question, requestDenied, targetPrompt } from '../support/wireTexts.ts';

describeInTerminal('a user who ignores another', () => {
  it('reads nothing of them, and the prompt that stood stays', async () => {
    const { connection, terminal } = await connectClient();
    await terminal.type('/ignore mallory');
    await terminal.press('Enter');
    await terminal.expectScreen('statechat client: mallory is ignored');
    connection.say(`\nmallory: buy now\nlior: hello\n${targetPrompt}`);
    const screen = await terminal.expectScreen('lior: hello');
    expect(screen).not.toContain('buy now');
    expect(screen.endsWith('Enter user ID:')).toBe(true);
    await terminal.type('//etc');
    await terminal.press('Enter');
    await connection.expectHeard('/etc\n');
  });

  it('is not asked by them: the client says no', async () => {
    const { connection, terminal } = await connectClient();
    await terminal.type('/ignore mallory');
    await terminal.press('Enter');
    await terminal.expectScreen('is ignored');
    connection.say(`\nUser not found.\n${menu}`);
    await terminal.expectScreen(menuEnd.trimEnd());
    connection.say(question('mallory'));
    await connection.expectHeard('n\n');
    connection.say(`${requestDenied}${menu}noa joined the server.\n`);
    const screen = await terminal.expectScreen('noa joined');
    expect(screen).not.toMatch(/wants to chat|Request denied/);
  });

  it('says no to a question of theirs that stands already, and to nobody else', async () => {
    const { connection, terminal } = await connectClient();
    connection.say(`\nUser not found.\n${menu}${question('Mallory')}`);
    await terminal.expectScreen('Mallory wants to chat');
    for (const command of ['/ignore noa', '/ignore mallory', '/ignore mallory', '/unignore mallory']) {
      await terminal.type(command);
      await terminal.press('Enter');
    }
    await terminal.expectScreen('mallory is not ignored any more');
    await terminal.type('golan');
    await terminal.press('Enter');
    await connection.expectHeard('n\ngolan\n');
  });

  it('is told what a command is, and of a mistyped one that nothing was sent', async () => {
    const { connection, terminal } = await connectClient();
    await terminal.type('/ingore mallory');
    await terminal.press('Enter');
    await terminal.expectScreen('/ingore is no command');
    await terminal.type('/help');
    await terminal.press('Enter');
    await terminal.expectScreen('/unignore ID ends it');
    await terminal.type('golan');
    await terminal.press('Enter');
    await connection.expectHeard('golan\n');
  });
});
