/** What counts as a key that somebody types, and what is guessed from the first pieces. */
import { describe, expect, it } from 'vitest';
import { keyPauseMs, segmentPauseMs } from '../../src/transport/lineDecoder.ts';
import { startFraming, startSegments, tooLong } from './decoded.ts';

describe('what is a key', () => {
  const isErased = (...before: (string | readonly number[])[]): boolean => {
    const framed = startFraming();
    framed.send('lior\n', ...before, 'xy\bz\n');
    return framed.heard().at(-1)?.endsWith('xz') === true;
  };

  it.each([
    ['a letter', 'a'],
    ['a letter of two bytes', '£'],
    ['a letter of three', 'ש'],
    ['an emoji', '👍'],
    ['an arrow', '\u001b[A'],
    ['an arrow with a modifier', '\u001b[1;5A'],
    ['the escape key alone', '\u001b'],
  ])('%s is one: the erase keys count from then on', (_, key) => {
    expect(isErased(key)).toBe(true);
  });

  it.each([
    ['two letters', 'ab'],
    ['two letters of more bytes', 'éa'],
    ['an emoji and a letter', '👍a'],
    ['an empty line', '\n'],
    ['what is too long for an arrow', '\u001b[1;55A'],
    ['an arrow and Return in one', '\u001b[A\n'],
    ['a line', 'hello\n'],
  ])('%s is none', (_, piece) => {
    expect(isErased(piece)).toBe(false);
  });

  it.each(['\r', '\r\n', '\r\0'])('Return counts as one that is typed: %j', (end) => {
    const framed = startFraming();
    framed.send('a');
    framed.pause(30);
    framed.send(end);
    expect(framed.needsCarriageReturns()).toBe(true);
  });

  it.each(['hello\r', 'hello\r\n', 'ab\r', 'a\r'])('Return behind other text counts as none: %j', (text) => {
    const framed = startFraming();
    framed.send('a');
    framed.pause(30);
    framed.send(text);
    expect(framed.needsCarriageReturns()).toBe(false);
  });

  it('a line feed alone counts as one that is typed', () => {
    const framed = startFraming();
    framed.send('a');
    framed.pause(30);
    framed.send('\n', '\r');
    expect(framed.needsCarriageReturns()).toBe(true);
  });

  it('a key that comes sooner than 30 ms after another is none that is typed', () => {
    const framed = startFraming();
    framed.send('a');
    framed.pause(29);
    framed.send('\r');
    expect(framed.needsCarriageReturns()).toBe(false);
  });

  it('lines are none that are typed, however slowly they come', () => {
    const framed = startFraming();
    for (const line of ['ab\r\n', 'cd\r\n', 'ef\r\n']) {
      framed.send(line);
      framed.pause(100);
    }
    framed.send('g');
    framed.send('h');
    expect(framed.needsCarriageReturns()).toBe(false);
  });

  it('telnet’s commands in between say nothing of how fast the keys come', () => {
    const framed = startFraming();
    framed.send('a');
    framed.pause(20);
    framed.send([255, 241]);
    framed.pause(20);
    framed.send('\r');
    expect(framed.needsCarriageReturns()).toBe(true);
  });

  it('a terminal that has sent a telnet command needs carriage returns though it sends none', () => {
    const framed = startFraming();
    framed.send([255, 241]);
    for (const key of 'ab\n') {
      framed.send(key);
      framed.pause(100);
    }
    expect(framed.needsCarriageReturns()).toBe(true);
  });

  it('keys count as such where lines are asked for, or telnet has said that there are lines', () => {
    const [asked, told] = [startFraming({ mode: 'lines' }), startFraming()];
    told.send([255, 241]);
    for (const framed of [asked, told]) {
      framed.send('a', 'b', '\b', 'c\n');
      expect(framed.heard()).toEqual(['ac']);
    }
  });

  it('nothing is erased in what comes in segments, after a message of one letter too', () => {
    const [segments, afterKey] = [startSegments(), startFraming()];
    segments.send('a');
    afterKey.send('a');
    afterKey.pause(keyPauseMs);
    for (const framed of [segments, afterKey]) {
      framed.send('x\by');
      expect(framed.heard()).toEqual(['a', 'x\by']);
    }
  });

  it('another key says that lines are typed, which then wait for Return', () => {
    const framed = startFraming();
    framed.send('a');
    framed.pause(250);
    framed.send('b');
    framed.pause(2 * keyPauseMs);
    expect(framed.heard()).toEqual([]);
    framed.send('\n');
    expect(framed.heard()).toEqual(['ab']);
  });
});

describe('the guess', () => {
  it('takes a piece as long as a line may be for a segment, and a longer one for the beginning of a line', () => {
    const [fits, tooMuch] = [startFraming({ maxLineBytes: 5 }), startFraming({ maxLineBytes: 5 })];
    fits.send('hello');
    tooMuch.send('hello!');
    for (const framed of [fits, tooMuch]) framed.pause(segmentPauseMs);
    expect([fits.heard(), tooMuch.heard()]).toEqual([['hello'], []]);
  });

  it('takes more than 64 pieces without a pause for the beginning of a line', () => {
    const [few, many] = [startFraming(), startFraming()];
    few.send(...Array(64).fill('ab'));
    many.send(...Array(65).fill('ab'));
    for (const framed of [few, many]) framed.pause(segmentPauseMs);
    expect([few.heard().length, many.heard()]).toEqual([64, []]);
    many.send('\n');
    expect(many.heard()).toEqual(['ab'.repeat(65)]);
  });

  it('is not made again by a telnet command', () => {
    const segments = startSegments();
    segments.send([255, 241], 'hello');
    expect(segments.heard()).toEqual(['hello']);
  });
});

describe('pieces', () => {
  it('may be as many as a line has bytes', () => {
    const framed = startFraming({ mode: 'lines' });
    framed.send('x\n', ...'y'.repeat(500), '\n');
    expect(framed.heard()).toEqual(['x', 'y'.repeat(500)]);
  });

  it('that end inside a character wait for its rest, up to the length of a line', () => {
    const [three, full] = [startSegments(), startFraming({ maxLineBytes: 4 })];
    full.send('abcd');
    full.pause(segmentPauseMs);
    expect(full.heard()).toEqual(['abcd']);
    three.send([0xe0, 0xa4]);
    expect(three.heard()).toEqual([]);
    three.send([0x85]);
    expect(three.heard()).toEqual(['\u0905']);
    full.send([0x61, 0x61, 0x61, 0xc3]);
    expect(full.heard()).toEqual([]);
    full.send([0xa9]);
    expect(full.heard()).toEqual([tooLong]);
  });
});
