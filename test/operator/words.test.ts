/** What an operator may type: targets of a ban, lengths of time, texts. */
import { describe, expect, it } from 'vitest';
import {
  OperatorMistake,
  readDuration,
  readReason,
  readTarget,
  readText,
  shownDuration,
  shownTarget,
} from '../../src/operator/words.ts';

const dayMs = 86_400_000;

describe('a target', () => {
  it.each([
    ['Golan', 'id', 'golan'],
    ['a.b-c_1', 'id', 'a.b-c_1'],
    ['id:198.51.100.7', 'id', '198.51.100.7'],
    ['198.51.100.7', 'address', '198.51.100.7/32'],
    ['198.51.100.7/32', 'address', '198.51.100.7/32'],
    ['198.51.100.77/24', 'address', '198.51.100.0/24'],
    ['198.51.100.77/25', 'address', '198.51.100.0/25'],
    ['198.51.100.200/25', 'address', '198.51.100.128/25'],
    ['10.1.2.3/8', 'address', '10.0.0.0/8'],
    ['::ffff:198.51.100.7', 'address', '198.51.100.7/32'],
    ['::ffff:198.51.100.7/120', 'address', '198.51.100.0/24'],
    ['2001:db8::1', 'address', '2001:db8::/64'],
    ['2001:DB8:0:0:1::1/128', 'address', '2001:db8::1:0:0:1/128'],
    ['2001:db8:ffff::/33', 'address', '2001:db8:8000::/33'],
    ['::1', 'address', '::/64'],
  ])('%s is the %s %s', (text, kind, target) => {
    expect(readTarget(text)).toEqual({ kind, target });
  });

  it.each([
    ['', /neither an id nor an address/],
    ['two words', /neither an id nor an address/],
    ['300.1.1.1/24', /neither an id nor an address/],
    ['[operator]', /neither an id nor an address/],
    ['id:two words', /neither an id nor an address/],
    ['x'.repeat(33), /neither an id nor an address/],
    ['198.51.100.7/33', /up to 32/],
    ['198.51.100.7/', /up to 32/],
    ['198.51.100.7/24/1', /up to 32/],
    ['198.51.100.7/2e1', /up to 32/],
    ['2001:db8::/129', /up to 128/],
    ['0.0.0.0/0', /nearly everybody.*lockdown on.*8 bits/],
    ['10.0.0.0/7', /nearly everybody/],
    ['::/0', /nearly everybody.*16 bits/],
    ['::ffff:0.0.0.0/96', /nearly everybody/],
    ['::ffff:1.2.3.4/20', /nearly everybody/],
  ])('%s is refused', (text, why) => {
    expect(() => readTarget(text)).toThrow(OperatorMistake);
    expect(() => readTarget(text)).toThrow(why);
  });

  it('is shown as people write it', () => {
    const targets = ['golan', '198.51.100.7', '198.51.100.0/24', '2001:db8::/64'];
    expect(targets.map((text) => shownTarget(readTarget(text)))).toEqual(targets);
  });
});

describe('a length of time', () => {
  it.each([
    ['30s', 30_000],
    ['10m', 600_000],
    ['1h', 3_600_000],
    ['1h30m', 5_400_000],
    ['7D', 7 * dayMs],
  ])('%s is %i ms', (text, ms) => {
    expect(readDuration(text, 10 * dayMs)).toBe(ms);
  });

  it.each(['', '10', 'm', '-1h', '1.5h', '1 h', '1y', '0s', '11d', '9999999999s', 'for ever'])(
    '%j is refused',
    (text) => {
      expect(() => readDuration(text, 10 * dayMs)).toThrow(OperatorMistake);
    },
  );

  it.each([
    [400, '1 second'],
    [12_000, '12 seconds'],
    [60_000, '1 minute'],
    [89_000, '89 seconds'],
    [600_000, '10 minutes'],
    [3_599_000, '1 hour'],
    [5_400_000, '1.5 hours'],
    [7 * dayMs, '7 days'],
  ])('%i ms are shown as %s', (ms, text) => {
    expect(shownDuration(ms)).toBe(text);
  });
});

describe('a text', () => {
  it('is one line without blanks around it, and with nothing that steers a terminal', () => {
    expect(readText('  hello \u001b[31m all ', 'A message')).toBe('hello ␛[31m all');
    expect(readReason()).toBe('');
  });

  it.each(['two\nlines', 'two\rlines', 'two\u2028lines'])('%j does not become two lines', (text) => {
    let read = '';
    try {
      read = readText(text, 'A message');
    } catch (error) {
      expect(error).toBeInstanceOf(OperatorMistake);
    }
    expect(read).not.toMatch(/[\r\n\u2028]/);
  });

  it('has a length at which it is refused', () => {
    expect(readText('x'.repeat(400), 'A message')).toHaveLength(400);
    expect(() => readText('x'.repeat(401), 'A message')).toThrow('A message has to be 400 characters at most.');
    expect(() => readReason('x'.repeat(121))).toThrow('A reason has to be 120 characters at most.');
  });
});
