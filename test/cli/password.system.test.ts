/** `statechat password` in a terminal: it asks for the password twice and doesn't show it. */
import { expect, it } from 'vitest';
import { program } from '../support/program.ts';
import { describeInTerminal, Terminal } from '../support/terminal.ts';

const command = [...program, 'password'];

describeInTerminal('the password', () => {
  it('it is asked for twice, and not shown', async () => {
    const terminal = await Terminal.start(command, { columns: 120 });
    await terminal.expectScreen(/^Password:$/m);
    await terminal.say('xyzzy');
    await terminal.expectScreen(/^The same again:$/m);
    await terminal.say('xyzzy');
    const screen = await terminal.expectScreen('[exit 0]');
    expect(screen).toMatch(/^Password:\nThe same again:\n\$scrypt\$ln=15,r=8,p=3\$\S+\n\[exit 0\]/);
    expect(screen).not.toContain('xyzzy');
  });

  it('two that differ are refused', async () => {
    const terminal = await Terminal.start(command);
    await terminal.expectScreen(/^Password:$/m);
    await terminal.say('xyzzy');
    await terminal.expectScreen(/^The same again:$/m);
    await terminal.say('plugh');
    await terminal.expectScreen(/the two are not the same\.\n\[exit 1\]/);
  });

  it.each(['C-c', 'C-d'])('%s gives up', async (key) => {
    const terminal = await Terminal.start(command);
    await terminal.expectScreen(/^Password:$/m);
    await terminal.press(key);
    await terminal.expectScreen(/no password was given\.\n\[exit 1\]/);
    // What is typed is shown again.
    await terminal.say('echo visible');
    await terminal.expectScreen('shell$ echo visible');
  });
});
