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
      {
        weight: 1,
        arbitrary: fc
          .nat(255)
          // Erase keys count where each key comes by itself, and only there.
          .filter((byte) => byte !== 8 && byte !== 127)
          .map((byte) => String.fromCharCode(byte)),
      },
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
    ['an option whose number is that of a line feed', '\xff\xfb\nhello\n', ['hello']],
    ['a window of ten columns and 2,570 rows', '\xff\xfa\x1f\0\n\n\n\xff\xf0lior\n', ['lior']],
    ['a doubled 255 in a subnegotiation', '\xff\xfa\x1f\0\xff\xff\0\x18\xff\xf0lior\n', ['lior']],
    ['a subnegotiation that another command ends', 'a\xff\xfa\x18xterm\xff\xf1b\nc\n', ['ab', 'c']],
    ['a subnegotiation without an end', `\xff\xfa\x18${'x'.repeat(1023)}a\nb\n`, ['a', 'b']],
  ])('%s takes no more than is its own', (_, bytes, lines) => {
    expect(heard([Buffer.from(bytes, 'latin1')])).toEqual(lines);
  });
});
