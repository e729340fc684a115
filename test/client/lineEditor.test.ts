/** The line that a person is typing: what each command does to it. */
import { describe, expect, it } from 'vitest';
import { LineEditor, type Reach } from '../../src/client/lineEditor.ts';

const family = '👩‍👩‍👧';

/** An editor with this text; the bar is the cursor. */
function editing(text: string): LineEditor {
  const [before = '', after = ''] = text.split('|');
  const line = new LineEditor();
  line.insert(before + after);
  line.move('home');
  while (line.beforeCursor.length < before.length) line.move('characterRight');
  return line;
}

function shown(line: LineEditor): string {
  return `${line.beforeCursor}|${line.afterCursor}`;
}

describe('the line editor', () => {
  it.each<[from: string, reach: Reach, to: string]>([
    ['ab|cd', 'characterLeft', 'a|bcd'],
    ['ab|cd', 'characterRight', 'abc|d'],
    ['|ab', 'characterLeft', '|ab'],
    ['ab|', 'characterRight', 'ab|'],
    [`a${family}|b`, 'characterLeft', `a|${family}b`],
    [`a|${family}b`, 'characterRight', `a${family}|b`],
    ['🇮🇱🇦🇺|', 'characterLeft', '🇮🇱|🇦🇺'],
    ['👍🏽|', 'characterLeft', '|👍🏽'],
    ['one two  |', 'wordLeft', 'one |two  '],
    ['one| two', 'wordRight', 'one two|'],
    ['one| two', 'home', '|one two'],
    ['one| two', 'end', 'one two|'],
  ])('moves from %j: %s', (from, reach, to) => {
    const line = editing(from);
    line.move(reach);
    expect(shown(line)).toBe(to);
  });

  it.each<[from: string, reach: Reach, to: string]>([
    ['ab|cd', 'characterLeft', 'a|cd'],
    ['ab|cd', 'characterRight', 'ab|d'],
    ['|ab', 'characterLeft', '|ab'],
    ['ab|', 'characterRight', 'ab|'],
    [`a${family}|b`, 'characterLeft', 'a|b'],
    [`a|${family}b`, 'characterRight', 'a|b'],
    ['one two |three', 'wordLeft', 'one |three'],
    ['one| two three', 'wordRight', 'one| three'],
    ['one |two', 'home', '|two'],
    ['one |two', 'end', 'one |'],
  ])('removes in %j: %s', (from, reach, to) => {
    const line = editing(from);
    line.remove(reach);
    expect(shown(line)).toBe(to);
  });

  it('inserts in the middle, and what was removed last', () => {
    const line = editing('one |two');
    line.insert('and a half ');
    expect(shown(line)).toBe('one and a half |two');
    line.remove('wordLeft');
    line.remove('characterLeft');
    line.move('end');
    line.putBack();
    expect(shown(line)).toBe('one and atwohalf |');
  });

  it('brings back what was entered, except secrets, and the draft after it', () => {
    const line = new LineEditor();
    for (const [text, isSecret] of [
      ['one', false],
      ['sesame', true],
      ['two', false],
      ['two', false],
    ] as const) {
      line.insert(text);
      expect(line.take({ isSecret })).toBe(text);
    }
    line.insert('draft');
    const seen = ([-1, -1, -1, 1, 1, 1] as const).map((direction) => {
      line.step(direction);
      return line.text;
    });
    expect(seen).toEqual(['two', 'one', 'one', 'two', 'draft', 'draft']);
  });
});
