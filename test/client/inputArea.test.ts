/** The rows of prompt and typed line: what is written when they change. */
import { describe, expect, it } from 'vitest';
import { InputArea } from '../../src/client/inputArea.ts';

const size = { columns: 10, rows: 3 };

function typed(beforeCursor: string, afterCursor = ''): { beforeCursor: string; afterCursor: string } {
  return { beforeCursor, afterCursor };
}

/** An area with this text, in a screen of three rows with ten columns. */
function showing(text: string): InputArea {
  const area = new InputArea(() => size);
  area.draw('', typed(text));
  return area;
}

describe('the input area', () => {
  it.each([
    ['one more letter', 'abc', 'abcd', 'd'],
    ['one letter less', 'abcd', 'abc', '\b\x1b[K'],
    ['nothing', 'abc', 'abc', ''],
  ])('writes only what has changed at the end: %s', (_, before, after, written) => {
    expect(showing(before).draw('', typed(after))).toBe(written);
  });

  it.each([
    ['another line with the same last row', `${'a'.repeat(10)}end`, `${'b'.repeat(10)}end`, 'bbbbbbbbbb'],
    ['a new row at the bottom of the screen', 'x'.repeat(29), 'x'.repeat(30), '\x1b[2A'],
    ['an emoji less, which may be wider than we think', 'a👍🏽', 'a', '\x1b[J'],
  ])('draws all rows again for %s', (_, before, after, written) => {
    expect(showing(before).draw('', typed(after))).toContain(written);
  });

  it('writes the row up to the cursor again, so that the cursor stands where the terminal measures it', () => {
    expect(new InputArea(() => size).draw('> ', typed('漢', '字'))).toBe('\x1b[?7l> 漢字\r> 漢\x1b[?7h');
  });

  it('shows the rows around the cursor of a text that is higher than the screen', () => {
    const text = ['1', '2', '3', '4', '5'].map((digit) => digit.repeat(10)).join('');
    const area = new InputArea(() => size);
    expect(area.draw('', typed('', text))).toContain('1111111111\r\n2222222222\r\n3333333333');
    expect(area.draw('', typed(text))).toContain('4444444444\r\n5555555555\r\n');
  });

  it('is erased from its first row on, also when the terminal is narrower than before', () => {
    let columns = 10;
    const area = new InputArea(() => ({ columns, rows: 20 }));
    area.draw('', typed('x'.repeat(25)));
    columns = 5;
    // Two full rows take two rows each now; the cursor is in the first row of what follows.
    expect(area.erase()).toBe('\x1b[4A\r\x1b[J');
    expect(area.erase()).toBe('');
  });
});
