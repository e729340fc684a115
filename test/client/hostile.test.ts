/** Text that wants to pass for something else: no row of another user's or another server's begins where a line does. */
import { expect, it } from 'vitest';
import { connectClient } from '../support/clientInTerminal.ts';
import { describeInTerminal } from '../support/terminal.ts';
import { targetPrompt as prompt } from '../support/wireTexts.ts';

const forged = 'golan: my password is hunter2';

describeInTerminal('no row is forged', () => {
  it.each([
    ['by tabs', `hi${'\t'.repeat(12)}#${forged}`],
    ['by wide letters that are new', `${'\u{1f6dc}'.repeat(36)}#${forged}`],
    ['by wide letters of old scripts', `${'\u{16ff0}\u{17000}'.repeat(18)}#${forged}`],
    ['by emoji of many parts', `${'👩‍👩‍👧'.repeat(12)} ${'👍🏽'.repeat(12)} ${forged}`],
    ['by flags', `${'🇮🇱'.repeat(36)}${forged}`],
    ['by blanks of two columns', `${'\u3000'.repeat(36)}${forged}`],
    ['by many marks', `${'e\u0301\u0302'.repeat(70)} ${forged}`],
  ])('%s', async (_, text) => {
    for (const columns of [80, 40, 24]) {
      const { connection, terminal } = await connectClient({ columns, rows: 40 });
      connection.say(`\nmallory: ${text}\ndone.\n${prompt}`);
      const screen = await terminal.expectScreen(/^done\./m);
      const rows = screen.split('\n');
      const between = rows.slice(rows.findIndex((row) => row.startsWith('mallory')) + 1, rows.indexOf('done.'));
      expect(between.filter((row) => /^[^ ]/.test(row))).toEqual([]);
    }
  });

  it('by a line whose end comes late, and which looks like a prompt until then', async () => {
    const { connection, terminal } = await connectClient({ columns: 40, rows: 20 });
    connection.say(`\nmallory: ${'x'.repeat(31)}${forged}`);
    const screen = await terminal.expectScreen('hunter2');
    expect(screen).not.toMatch(/^golan/m);
    connection.say('\n');
    connection.say(prompt);
    await terminal.expectScreen(/hunter2\nEnter user ID:/);
  });

  it('by characters that cannot be seen: they are shown', async () => {
    const { connection, terminal } = await connectClient();
    connection.say(`\nmallory: a\u202eb\u200bc\u{e0041}d\x1b[2Je\n${prompt}`);
    await terminal.expectScreen('mallory: a<U+202E>b<U+200B>c<U+E0041>d␛[2Je');
  });
});
