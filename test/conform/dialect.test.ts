/** Dialects: what a file may say, what is compared, and that one is learned from a short dialogue. */
import { describe, expect, it } from 'vitest';
import { freeReplies, inWords } from '../../src/conform/checks/probeStory.ts';
import { isOtherSentence, parseDialect, patternOf, readDialect, wordingOf } from '../../src/protocol/dialect.ts';

describe('a dialect', () => {
  it.each([
    ['no JSON', '{', /not JSON/],
    ['a key that means nothing', '{\n"name": "x",\n"reply": {}}', /line 3: "reply" means nothing here/],
    ['an unknown feature', '{"features": {\n"lists": true}}', /line 2: there is no feature "lists"/],
    ['a feature that is no truth', '{"features": {"list": "yes"}}', /"list" is true or false/],
    ['a time that is none', '{"features": {"requestTimeout": -1}}', /"requestTimeout" is null, or a number of seconds/],
    ['an unknown reply', '{"replies": {\n\n"menue": "x"}}', /line 3: there is no reply "menue"/],
    ['an empty reply', '{"replies": {"menu": ""}}', /"menu" is a text that is not empty/],
    ['a placeholder that is none', '{"replies": {"menu": "{name}"}}', /"menu" has \{name\} in it/],
  ])('with %s is refused by its line', (_, file, mistake) => {
    expect(() => parseDialect(file, 'mine.json')).toThrow(mistake);
  });

  it('compares bytes where they are fixed, and takes any words where they are free', () => {
    const standard = readDialect('statechat');
    const line = patternOf(standard, { type: 'read.line', id: 'ann', text: '(a+b)?' });
    expect('ann: (a+b)?\n').toMatch(line);
    expect('ann: aab\n').not.toMatch(line);
    expect('whatever it says\n').toMatch(patternOf(standard, { type: 'read.youWithdrew' }));
    expect('whatever\nit says').not.toMatch(new RegExp(`${patternOf(standard, { type: 'read.youWithdrew' }).source}$`));
  });

  it('says what every reply of free words says', () => {
    const standard = readDialect('statechat');
    const free = Object.keys(standard.replies).filter((name) => wordingOf(standard, name).startsWith('{any}'));
    expect(new Set(free)).toEqual(new Set(Object.keys(freeReplies)));
    expect(inWords(standard, { type: 'read.youWithdrew' }, '')).toBe('"(any words: your request is withdrawn)\\n"');
  });

  it('may word a sentence in several ways', () => {
    const dialect = parseDialect('{"replies": {"menu": ["Menu:\\n1) a\\n", "1) a\\n"]}}', 'mine.json');
    const menu = patternOf(dialect, { type: 'read.menu' });
    expect('1) a\n').toMatch(menu);
    expect('Menu:\n1) a\n').toMatch(menu);
    expect('2) a\n').not.toMatch(menu);
  });

  it('takes no line of another sentence for free words', () => {
    const standard = readDialect('statechat');
    const count = patternOf(standard, { type: 'read.roomCount', count: 1 });
    expect('2 people are here, you included.\n').toMatch(count);
    expect('ann7xyz000 joined the common room.\n').not.toMatch(count);
    expect(isOtherSentence(standard, 'User disconnected.\n')).toBe(false);
  });
});
