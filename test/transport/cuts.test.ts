/** How bytes are cut makes no difference to a line-framed connection, whatever the bytes are. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startFraming } from './decoded.ts';

/** What a connection hears of these pieces, line by line. */
function heard(pieces: readonly Buffer[]): string[] {
  const framed = startFraming({ maxLineBytes: 12 });
  framed.send(...pieces);
  framed.end();
  return framed.heard();
}

const anyBytes = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom('\n', '\r\n', '\r', 'abc', 'exit()', '\xe2\x82\xac', '\0') },
      { weight: 3, arbitrary: fc.constantFrom('\xff\xfa', '\xff\xf0', '\xff\xfb', '\xff\xfd\x0a', '\xff\xf1', '\xff') },
      { weight: 1, arbitrary: fc.nat(255).map((byte) => String.fromCharCode(byte)) },
    ),
    { maxLength: 25 },
  )
  .map((parts) => Buffer.from(`${parts.join('')}\n`, 'latin1'));

describe('bytes of any kind', () => {
  it('are the same lines in one piece, byte by byte, and cut anywhere', () => {
    const check = (bytes: Buffer, cuts: number[]): void => {
      const places = cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b);
      const pieces = [0, ...places].map((start, index) => bytes.subarray(start, places[index] ?? bytes.length));
      const whole = heard([bytes]);
      expect(heard(pieces)).toEqual(whole);
      expect(heard([...bytes].map((byte) => Buffer.from([byte])))).toEqual(whole);
    };
    fc.assert(fc.property(anyBytes, fc.array(fc.nat(60), { maxLength: 6 }), check), { numRuns: 3000 });
  });

  it.each([
    ['a command before the line feed', '\xff\xfb\nhello\n', ['', 'hello']],
    ['a subnegotiation that never ends', 'a\xff\xfa\x18xterm\nb\n', ['a', 'b']],
    ['a subnegotiation over a line feed', '\xff\xfaa\nb\xff\xf0c\n', ['', 'bc']],
  ])('%s takes nothing of the next line', (_, bytes, lines) => {
    expect(heard([Buffer.from(bytes, 'latin1')])).toEqual(lines);
  });
});
