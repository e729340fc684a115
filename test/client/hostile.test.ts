/** Text that wants to pass for something else: no row of another user's or another server's begins where a line does. */
import { expect, it } from 'vitest';
import { connectClient } from '../support/clientInTerminal.ts';
import { describeInTerminal } from '../support/terminal.ts';
import { targetPrompt as prompt } from '../support/wireTexts.ts';

const forged = 'golan: my password is hunter2';

/** What stands before the forged text, to push it to the beginning of a row. */
const tricks: readonly [title: string, text: string][] = [
  ['tabs', `hi${'\t'.repeat(12)}#`],
  ['wide letters that are new', `${'\u{1f6dc}'.repeat(36)}#`],
  ['wide letters of old scripts', `${'\u{16ff0}\u{17000}'.repeat(18)}#`],
  ['emoji of many parts', `${'👩‍👩‍👧'.repeat(12)} ${'👍🏽'.repeat(12)} `],
  ['flags', '🇮🇱'.repeat(36)],
  ['blanks of two columns', '\u3000'.repeat(36)],
  ['many marks', `${'e\u0301\u0302'.repeat(70)} `],
];

describeInTerminal('no row is forged', () => {
  it.each([80, 40, 24])('by text that pushes other text to its beginning, in %i columns', async (columns) => {
    const { connection, terminal } = await connectClient({ columns, rows: 40 });
    for (const [title, text] of tricks) {
      connection.say(`\nmallory: ${text}${forged}\ndone with ${title}.\n${prompt}`);
      const done = `done with ${title}.`.slice(0, columns - 6);
      const rows = (await terminal.expectScreen(new RegExp(`^${done}`, 'm'))).split('\n');
      const begin = rows.findLastIndex((row) => row.startsWith('mallory'));
      const between = rows.slice(
        begin + 1,
        rows.findIndex((row) => row.startsWith(done)),
      );
      expect([title, between.filter((row) => /^[^ ]/.test(row))]).toEqual([title, []]);
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
