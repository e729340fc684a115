/** Bytes to lines: where a line ends, and how the server finds out whether a client sends line feeds. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyPauseMs, segmentPauseMs } from '../../src/transport/lineDecoder.ts';
import { startFraming, startSegments, tooLong } from './decoded.ts';

describe('in lines', () => {
  it.each<[what: string, pieces: string[], lines: string[]]>([
    ['a line feed ends a line', ['a\n'], ['a']],
    ['a carriage return before it belongs to the end', ['a\r\n'], ['a']],
    ['one of its own ends a line as well', ['a\r\r\n', 'b\r'], ['a', '', 'b']],
    ['so does one in the middle', ['a\rb\n', 'c\n'], ['a', 'b', 'c']],
    ['and one at the end of a piece, at once', ['a\r', 'b\n'], ['a', 'b']],
    ['a carriage return and NUL, as telnet has it', ['a\r\0b\r', '\0\r\0'], ['a', 'b', '']],
    ['a line feed and a carriage return', ['a\n\rb\n', '\r\n\r'], ['a', 'b', '']],
    ['empty lines of each kind', ['\r\n\r\n', '\r\0\r\0', '\n\n', '\r\r'], ['', '', '', '', '', '', '']],
    ['line ends may be mixed', ['a\nb\r\nc\n'], ['a', 'b', 'c']],
    ['an empty line is a line', ['\n', '\r\n', '\n\n'], ['', '', '', '']],
    ['several lines in one piece', ['1\ngolan\nhello\n'], ['1', 'golan', 'hello']],
    ['a line in several pieces', ['go', 'lan', '\n'], ['golan']],
    ['an end in several pieces', ['golan\r', '\n'], ['golan']],
    ['the end of one and the beginning of the next', ['a\nb', 'c\nd', '\n'], ['a', 'bc', 'd']],
    ['blanks and tabs stay', [' a\t \n'], [' a\t ']],
    ['an empty piece changes nothing', ['a', '', 'b\n', ''], ['ab']],
    ['a NUL is no end', ['a\0b\n'], ['a\0b']],
    ['other line separators are no end', ['a\u2028b\u0085c\vd\fe\n'], ['a\u2028b\u0085c\vd\fe']],
    ['a byte order mark before the first line is dropped, and no other', ['\ufeffa\n\ufeffb\n'], ['a', '\ufeffb']],
  ])('%s', (_, pieces, lines) => {
    for (const mode of ['lines', 'auto'] as const) {
      const framed = startFraming({ mode });
      framed.send(...pieces);
      expect(framed.heard()).toEqual(lines);
    }
  });

  it('a last line counts without its line feed, and only when nothing more can come', () => {
    const framed = startFraming({ mode: 'lines' });
    framed.send('a\nlast');
    expect(framed.heard()).toEqual(['a']);
    framed.end();
    expect(framed.heard()).toEqual(['last']);
  });

  it.each([[[]], [['a\n']], [['a\r\n']]])('there is no last line after %j', (pieces) => {
    const framed = startFraming({ mode: 'lines' });
    framed.send(...pieces);
    framed.heard();
    framed.end();
    expect(framed.heard()).toEqual([]);
  });

  it('a character may be split anywhere', () => {
    const bytes = [...Buffer.from('aé€👍🏽ש\u05b8\n')];
    for (let cut = 0; cut <= bytes.length; cut++) {
      const framed = startFraming({ mode: 'lines' });
      framed.send(bytes.slice(0, cut), bytes.slice(cut));
      expect(framed.heard()).toEqual(['aé€👍🏽ש\u05b8']);
    }
  });

  it('any script cut into pieces in any way gives the same lines', () => {
    const line = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((text) => !/[\r\n]/.test(text));
    const script = fc.array(fc.tuple(line, fc.constantFrom('\n', '\r\n')), { maxLength: 12 });
    const cuts = fc.array(fc.nat(400), { maxLength: 30 });
    const mode = fc.constantFrom('lines' as const, 'auto' as const);
    const check = (lines: [string, string][], at: number[], framing: 'lines' | 'auto') => {
      const bytes = Buffer.from(lines.map((parts) => parts.join('')).join(''));
      const framed = startFraming({ mode: framing });
      const places = [0, ...at.filter((place) => place < bytes.length).sort((a, b) => a - b), bytes.length];
      for (const [index, place] of places.slice(1).entries()) framed.send(bytes.subarray(places[index], place));
      framed.end();
      expect(framed.heard()).toEqual(lines.map(([text]) => text));
    };
    fc.assert(fc.property(script, cuts, mode, check), { numRuns: 400 });
  });
});

describe('the guess', () => {
  it(`is segments when the first bytes stay alone for ${segmentPauseMs} ms, and not before`, () => {
    const framed = startFraming();
    framed.send('lior');
    framed.pause(segmentPauseMs - 1);
    expect(framed.heard()).toEqual([]);
    framed.pause(1);
    expect(framed.heard()).toEqual(['lior']);
    framed.send('1', 'golan');
    expect(framed.heard()).toEqual(['1', 'golan']);
  });

  it('is lines when the line feed comes within the pause', () => {
    const framed = startFraming();
    framed.send('li');
    framed.pause(segmentPauseMs - 1);
    framed.send('or\n1');
    framed.pause(10 * segmentPauseMs);
    expect(framed.heard()).toEqual(['lior']);
    framed.send('\n');
    expect(framed.heard()).toEqual(['1']);
  });

  it('starts its pause anew with every piece, so a line may come byte by byte', () => {
    const framed = startFraming();
    for (const byte of Buffer.from('lior')) {
      framed.send([byte]);
      framed.pause(segmentPauseMs - 1);
    }
    expect(framed.heard()).toEqual([]);
    framed.send('\n');
    expect(framed.heard()).toEqual(['lior']);
  });

  it('takes pieces that came within one pause as segments of their own', () => {
    const framed = startFraming();
    framed.send('lior', '1');
    framed.pause(segmentPauseMs);
    expect(framed.heard()).toEqual(['lior', '1']);
  });

  it('is lines for bytes that were there before the pause was noticed to be over', () => {
    const late: (() => void)[] = [];
    const clock = {
      setTimeout: (run: () => void) => late.push(run) - 1,
      clearTimeout: (at: number) => delete late[at],
      now: () => 0,
    };
    const framed = startFraming({ clock });
    framed.send('li');
    // The timer runs late; the rest of the line is read in the same turn, before a timer of no delay could run.
    late[0]?.();
    framed.send('or\n');
    late[1]?.();
    expect(framed.heard()).toEqual(['lior']);
  });

  it('is never made again', () => {
    const framed = startFraming();
    framed.send('a\n');
    framed.send('b');
    framed.pause(10 * segmentPauseMs);
    expect(framed.heard()).toEqual(['a']);
  });

  it('is not made with --framing lines', () => {
    const framed = startFraming({ mode: 'lines' });
    framed.send('lior');
    framed.pause(10 * segmentPauseMs);
    expect(framed.heard()).toEqual([]);
    framed.send('\n');
    expect(framed.heard()).toEqual(['lior']);
  });

  it('is not waited for when nothing more can come', () => {
    const framed = startFraming();
    framed.send('lior');
    framed.end();
    expect(framed.heard()).toEqual(['lior']);
    framed.pause(segmentPauseMs);
    expect(framed.heard()).toEqual([]);
  });

  it('is lines at once when the first bytes are too many for one line', () => {
    const framed = startFraming({ maxLineBytes: 4 });
    framed.send('abcdef');
    framed.pause(10 * segmentPauseMs);
    expect(framed.heard()).toEqual([]);
    framed.send('g\nh\n');
    expect(framed.heard()).toEqual(['!lineTooLong', 'h']);
  });
});

describe('a byte order mark', () => {
  it('may come in pieces, and is kept where it was none', () => {
    const framed = startFraming();
    framed.send([0xef], [0xbb], [0xbf]);
    framed.pause(60_000);
    framed.send('lior\n');
    expect(framed.heard()).toEqual(['lior']);
    const other = startFraming();
    other.send([0xef], [0xbb, 0x41, 0x0a]);
    expect(other.heard()).toEqual(['!lineNotUtf8']);
    const last = startFraming({ mode: 'lines' });
    last.send([0xef, 0xbb]);
    last.end();
    expect(last.heard()).toEqual(['!lineNotUtf8']);
  });
});

describe('key by key', () => {
  const type = (framed: ReturnType<typeof startFraming>, text: string, pauseMs: number): void => {
    for (const key of text) {
      framed.send(key);
      framed.pause(pauseMs);
    }
  };

  it.each([50, 250, 1000, 9000])('a line may be typed with pauses of %i ms', (pauseMs) => {
    for (const end of ['\r\n', '\r', '\n', '\r\0']) {
      const framed = startFraming();
      type(framed, `chris${end}4${end}é\u05e9👍${end}`, pauseMs);
      expect(framed.heard()).toEqual(['chris', '4', 'é\u05e9👍']);
    }
  });

  it('keys may come together later, as a busy network has it', () => {
    const framed = startFraming();
    framed.send('c');
    framed.pause(250);
    framed.send('hr');
    framed.pause(250);
    framed.send('is\r');
    expect(framed.heard()).toEqual(['chris']);
  });

  it('one key that nothing follows for ten seconds was a message', () => {
    const framed = startFraming();
    framed.send('a');
    framed.pause(keyPauseMs - 1);
    expect(framed.heard()).toEqual([]);
    framed.pause(1);
    framed.send('4', 'golan');
    expect(framed.heard()).toEqual(['a', '4', 'golan']);
  });

  it.each([
    ['one letter', 'lir\bor\r', 'lior'],
    ['letters, not bytes', 'é\u007f👍\bok\r', 'ok'],
    ['not more than the line', 'a\r\b\b\bb\r', 'a,b'],
    ['all of it', '\bab\b\b\bc\r', 'c'],
  ])('the erase keys take away %s', (_, typed, lines) => {
    const framed = startFraming();
    type(framed, typed, 300);
    expect(framed.heard()).toEqual(lines.split(','));
  });

  it('they count when a line-framed terminal begins to send keys, and not within a piece before', () => {
    const framed = startFraming();
    framed.send('li\bor\n', 'ab', '\b', 'c\n');
    expect(framed.heard()).toEqual(['li\bor', 'ac']);
  });

  it('they take nothing of the line before, though it comes in the same piece', () => {
    const framed = startFraming();
    framed.send('a', 'x\n\b\bb\n');
    expect(framed.heard()).toEqual(['ax', 'b']);
  });

  it('a program that sends a line byte by byte needs no carriage returns', () => {
    const framed = startFraming();
    type(framed, 'lior\r\n4\r\n', 5);
    expect(framed.needsCarriageReturns()).toBe(false);
    expect(framed.heard()).toEqual(['lior', '4']);
  });

  it('needs carriage returns where the client sends them, or telnet commands', () => {
    const [keys, feeds, lines] = [startFraming(), startFraming(), startFraming()];
    type(keys, 'ab', 100);
    expect(keys.needsCarriageReturns()).toBe(false);
    keys.send('\r');
    expect(keys.needsCarriageReturns()).toBe(true);
    type(feeds, 'ab\n', 100);
    expect(feeds.needsCarriageReturns()).toBe(false);
    lines.send('lior\r\n', [255, 253, 3], '4\r\n');
    expect(lines.needsCarriageReturns()).toBe(false);
    type(lines, 'abc', 100);
    expect(lines.needsCarriageReturns()).toBe(true);
  });
});

describe('in segments', () => {
  it.each<[what: string, pieces: string[], lines: string[]]>([
    ['each piece is a line', ['1', 'golan', ' hey '], ['1', 'golan', ' hey ']],
    ['a line feed at its end belongs to the end', ['1\n', 'a\r\n'], ['1', 'a']],
    ['a line feed inside ends a line too', ['a\nb', 'c\n\nd\n'], ['a', 'b', 'c', '', 'd']],
    ['a line feed of its own is an empty line', ['\n', '\r\n'], ['', '']],
    ['and so does a carriage return', ['a\rb', 'c\r'], ['a', 'b', 'c']],
  ])('%s', (_, pieces, lines) => {
    const framed = startSegments();
    framed.send(...pieces);
    expect(framed.heard()).toEqual(lines);
  });

  it('a character that is split between two segments joins them', () => {
    const bytes = [...Buffer.from('é€👍')];
    for (const cut of [1, 3, 4, 6, 7, 8]) {
      const framed = startSegments();
      framed.send(bytes.slice(0, cut), bytes.slice(cut));
      expect(framed.heard()).toEqual(['é€👍']);
    }
  });

  it('a piece that ends with a whole character is not waited for', () => {
    const framed = startSegments();
    framed.send('é', '€', '👍');
    expect(framed.heard()).toEqual(['é', '€', '👍']);
  });

  it('what was kept for a character that never got whole counts at the end', () => {
    const framed = startSegments();
    framed.send([0x61, 0xc3]);
    expect(framed.heard()).toEqual([]);
    framed.end();
    expect(framed.heard()).toEqual(['!lineNotUtf8']);
  });
});

describe('bytes without a line feed', () => {
  const unterminated = '!unterminated';
  const limits = { maxLineBytes: 8, maxUnterminatedBytes: 20 };

  it.each(['lines', 'auto'] as const)('are too many at the limit, and not before: %s', (mode) => {
    for (let piece = 1; piece <= 20; piece++) {
      const framed = startFraming({ mode, ...limits });
      for (let sent = 0; sent < 19; sent += piece) framed.send('x'.repeat(Math.min(piece, 19 - sent)));
      expect(framed.heard(), `in pieces of ${piece}`).toEqual([]);
      framed.send('x');
      expect(framed.heard(), `in pieces of ${piece}`).toEqual([unterminated]);
    }
  });

  it('are borne up to the limit: the line is refused, and what follows is as if it had not been sent', () => {
    const framed = startFraming({ mode: 'lines', ...limits });
    for (let line = 0; line < 5; line++) framed.send(`${'x'.repeat(19)}\nnext\n`);
    expect(framed.heard()).toEqual(Array(5).fill([tooLong, 'next']).flat());
  });

  it('are counted anew after each line feed', () => {
    const framed = startFraming({ mode: 'lines', ...limits });
    for (let line = 0; line < 5; line++) framed.send('x'.repeat(15), '\n');
    expect(framed.heard()).toEqual(Array(5).fill(tooLong));
    framed.send('x'.repeat(19));
    expect(framed.heard()).toEqual([]);
    framed.send('x');
    expect(framed.heard()).toEqual([unterminated]);
  });

  it('are counted behind the last line feed of a piece', () => {
    const framed = startFraming({ mode: 'lines', ...limits });
    framed.send(`a\n${'x'.repeat(19)}`);
    expect(framed.heard()).toEqual(['a']);
    framed.send('x');
    expect(framed.heard()).toEqual([unterminated]);
  });

  it('are never too many where each piece is a line', () => {
    const framed = startFraming(limits);
    framed.send('first');
    framed.pause(segmentPauseMs);
    framed.heard();
    for (let piece = 0; piece < 10; piece++) framed.send('x'.repeat(8));
    framed.send('x'.repeat(100));
    expect(framed.heard()).toEqual([...Array(10).fill('x'.repeat(8)), tooLong]);
  });
});
