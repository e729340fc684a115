/** Lines that are refused whole: too long, or no UTF-8; and what follows them, which is framed as if they had not been sent. */
import { describe, expect, it } from 'vitest';
import { notUtf8, startFraming, startSegments, tooLong } from './decoded.ts';

const max = 8;

describe('the limit of a line', () => {
  it.each<[what: string, line: string, next: string, verdict: string]>([
    ['at it', '12345678', '\n', '12345678'],
    ['beyond it', '123456789', '\n', tooLong],
    ['at it, with CRLF', '12345678', '\r\n', '12345678'],
    ['beyond it, with CRLF', '123456789', '\r\n', tooLong],
    ['at it in bytes', '€👍a', '\n', '€👍a'],
    ['beyond it in bytes, not in characters', '€€€', '\n', tooLong],
    ['far beyond it', 'a'.repeat(10 * max), '\n', tooLong],
    ['at it, with a carriage return alone', '12345678', '\r', '12345678'],
    ['beyond it, with a carriage return alone', '123456789', '\r', tooLong],
    ['at it, with CR NUL', '12345678', '\r\0', '12345678'],
    ['at it, with LF CR', '12345678', '\n\r', '12345678'],
  ])('%s', (_, line, end, verdict) => {
    const bytes = [...Buffer.from(`${line}${end}`)];
    const wholes = [bytes, [...bytes, ...Buffer.from('next\n')]];
    for (const whole of wholes) {
      for (let cut = 0; cut <= whole.length; cut++) {
        const framed = startFraming({ mode: 'lines', maxLineBytes: max });
        framed.send(whole.slice(0, cut), whole.slice(cut));
        expect(framed.heard(), `cut at ${cut}`).toEqual(whole === bytes ? [verdict] : [verdict, 'next']);
      }
    }
  });

  it('holds byte by byte too', () => {
    const framed = startFraming({ mode: 'lines', maxLineBytes: max });
    for (const byte of Buffer.from('12345678\n123456789\n123456789012\nnext\r\n')) framed.send([byte]);
    expect(framed.heard()).toEqual(['12345678', tooLong, tooLong, 'next']);
  });

  it('is told once for a line, however long', () => {
    const framed = startFraming({ mode: 'lines', maxLineBytes: max });
    for (let piece = 0; piece < 100; piece++) framed.send('a'.repeat(max));
    expect(framed.heard()).toEqual([]);
    framed.send('\n');
    expect(framed.heard()).toEqual([tooLong]);
  });

  it('is told of a last line that never ended', () => {
    const framed = startFraming({ mode: 'lines', maxLineBytes: max });
    framed.send('a\n123456789012');
    framed.end();
    expect(framed.heard()).toEqual(['a', tooLong]);
  });

  it.each([
    ['12345678', '12345678'],
    ['123456789', tooLong],
    ['12345678\r', '12345678'],
  ])('holds for a last line without its line feed: %j', (line, verdict) => {
    const framed = startFraming({ mode: 'lines', maxLineBytes: max });
    framed.send(line);
    framed.end();
    expect(framed.heard()).toEqual([verdict]);
  });

  it.each([
    ['12345678', '12345678'],
    ['123456789', tooLong],
    ['a\n123456789\nb', `a ${tooLong} b`],
    ['12345678\r\n', '12345678'],
    ['€€€', tooLong],
  ])('holds for a segment: %j', (segment, verdicts) => {
    const framed = startSegments(max);
    framed.send(segment, 'next');
    expect(framed.heard()).toEqual([...verdicts.split(' '), 'next']);
  });

  it('holds for segments that each end inside a character, so nothing piles up', () => {
    const framed = startSegments(max);
    const halfCharacter = [0x61, 0x61, 0x61, 0xc3];
    for (let piece = 0; piece < 10; piece++) framed.send(halfCharacter);
    expect(framed.heard()).not.toEqual([]);
  });
});

describe('bytes that are no UTF-8', () => {
  const broken: [what: string, bytes: number[]][] = [
    ['a byte that never occurs', [0xff]],
    ['another', [0xfe]],
    ['a continuation without a beginning', [0x80]],
    ['a beginning without its continuation', [0xc3, 0x61]],
    ['a beginning at the end', [0x61, 0xc3]],
    ['a NUL in two bytes', [0xc0, 0x80]],
    ['a line feed in two bytes', [0xc0, 0x8a]],
    ['a slash in three bytes', [0xe0, 0x80, 0xaf]],
    ['a high surrogate', [0xed, 0xa0, 0x80]],
    ['a pair of surrogates', [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80]],
    ['a code point beyond the last', [0xf4, 0x90, 0x80, 0x80]],
    ['a sequence of five bytes', [0xf8, 0x88, 0x80, 0x80, 0x80]],
    ['three of four bytes', [0xf0, 0x9f, 0x91]],
    ['Latin-1', [0x6c, 0xed, 0x6f, 0x72]],
  ];

  it.each(broken)('are refused as a line, and nothing around them: %s', (_, bytes) => {
    const whole = [...Buffer.from('before\n'), ...bytes, ...Buffer.from('\nאחרי\r\n')];
    for (let cut = 0; cut <= whole.length; cut++) {
      const framed = startFraming({ mode: 'lines' });
      framed.send(whole.slice(0, cut), whole.slice(cut));
      expect(framed.heard(), `cut at ${cut}`).toEqual(['before', notUtf8, 'אחרי']);
    }
  });

  it.each(broken)('are refused as a last line: %s', (_, bytes) => {
    const framed = startFraming({ mode: 'lines' });
    framed.send(bytes);
    framed.end();
    expect(framed.heard()).toEqual([notUtf8]);
  });

  it.each([[[0xff, 0x61]], [[0x80]], [[0xc0, 0x80]], [[0xed, 0xa0, 0x80]], [[0xf8]]])(
    'are refused as a segment: %j',
    (bytes) => {
      const framed = startSegments();
      framed.send(bytes, 'next');
      expect(framed.heard()).toEqual([notUtf8, 'next']);
    },
  );

  it.each(['\n', '\r\n'])('are refused for that, and not for their length, up to the limit (before %j)', (end) => {
    const framed = startFraming({ mode: 'lines', maxLineBytes: max });
    framed.send([...Buffer.from('1234567'), 0xff, ...Buffer.from(end)]);
    expect(framed.heard()).toEqual([notUtf8]);
  });

  it('are too long beyond the limit', () => {
    const framed = startFraming({ mode: 'lines', maxLineBytes: max });
    framed.send([...Buffer.from('12345678'), 0xff, 0x0a]);
    expect(framed.heard()).toEqual([tooLong]);
  });
});
