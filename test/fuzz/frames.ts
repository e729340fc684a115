/**
 * Random frames of WebSocket: whole lines, pieces of them, what is no text, and what is no frame.
 *
 * Owns: what is sent, and what of the answers is text that somebody reads. Knows nothing of what happens then.
 * Next: `fuzz.ts`.
 */
import fc from 'fast-check';
import { menuOptions } from '../support/wireTexts.ts';
import { frame, handshake, opcodes } from '../web/rawFrames.ts';
import corpus from './corpus.json' with { type: 'json' };

const known = corpus.map(([, text]) => Buffer.from(text as string, 'latin1'));
const typed = [...menuOptions, 'y', 'n', 'exit()', 'eve', 'ann', 'ben', 'nobody', ''];

const anyPayload = fc.oneof(
  fc.constantFrom(...typed).map((text) => Buffer.from(text)),
  fc.string({ unit: 'binary', maxLength: 100 }).map((text) => Buffer.from(`sesame! ${text}`)),
  fc.uint8Array({ maxLength: 130 }).map((bytes) => Buffer.from(bytes)),
  fc.constantFrom(...known),
  fc.nat(70_000).map((length) => Buffer.alloc(length, 'x')),
);

const anyFrame = fc.oneof(
  { weight: 8, arbitrary: anyPayload.map((payload) => frame(opcodes.text, payload)) },
  {
    weight: 4,
    arbitrary: fc
      .record({ opcode: fc.nat(15), payload: anyPayload, fin: fc.boolean() })
      .map(({ opcode, payload, fin }) => frame(opcode, payload, { fin })),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ payload: anyPayload, claimed: fc.nat(2 ** 31 - 1) })
      .map(({ payload, claimed }) => frame(opcodes.text, payload, { claimed })),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)) },
);

/** The handshake, an id, and then these frames, cut into pieces. */
export const anyFrames = fc
  .record({
    id: fc.stringMatching(/^[a-z]{4,8}$/),
    asksForChart: fc.boolean(),
    frames: fc.array(anyFrame, { maxLength: 20 }),
    cut: fc.nat(400),
  })
  .map(({ id, asksForChart, frames, cut }) => {
    const asked = asksForChart ? { 'sec-websocket-protocol': 'statechat.chart' } : {};
    const bytes = Buffer.concat([Buffer.from(handshake(asked)), frame(opcodes.text, id), ...frames]);
    const chunks = [];
    for (let at = 0; at < bytes.length; at += cut * 20 + 16) chunks.push(bytes.subarray(at, at + cut * 20 + 16));
    return chunks;
  });

/** The text of whole text frames behind the answer to the handshake; a server's frames have no mask. */
export function textOfFrames(read: Buffer): Buffer {
  const texts: Buffer[] = [];
  for (let at = read.indexOf('\r\n\r\n') + 4; at >= 4 && at + 2 <= read.length; ) {
    const opcode = (read[at] as number) & 0xf;
    const short = (read[at + 1] as number) & 0x7f;
    const head = short === 126 ? 4 : short === 127 ? 10 : 2;
    if (at + head > read.length) break;
    const length = head === 4 ? read.readUInt16BE(at + 2) : head === 10 ? Number(read.readBigUInt64BE(at + 2)) : short;
    if (opcode === opcodes.text) texts.push(read.subarray(at + head, at + head + length));
    at += head + length;
  }
  return Buffer.concat(texts);
}
