/**
 * `docs/traffic.md`: a dialogue segment by segment, for readers who learn TCP.
 *
 * Owns: the page's text. The table comes from a capture (`capture.ts`).
 */
import { edgeInWords } from '../../src/conform/reports/summary.ts';
import type { Segment } from './capture.ts';

export function trafficPage(segments: readonly Segment[]): string {
  const shown = segments.filter(isShown);
  const acks = segments.length - shown.length;
  const payload = segments.reduce((sum, { length }) => sum + length, 0);
  const rows = shown.map((segment, index) => rowOf(segment, index + 1));
  const ends = (name: string): number => segments.filter(({ flags }) => flags.includes(name)).length;
  return `# A dialogue on the wire

\`npm run traffic\` writes this page. It captures a real dialogue on the loopback interface with
tshark, reads it back with the dissector in [\`tools/wireshark/\`](../tools/wireshark), and puts
beside each segment what it does to [the session chart](../diagrams/session.svg). Lior and Golan
meet, chat and leave.

## All segments with something in them

${segments.length} segments were captured: the ${shown.length} in this table, and ${acks} that only acknowledge. ⏎ is a line
feed. Length is the length of the payload in bytes; all payloads together have ${payload} bytes.

| | From → to | Flags | Length | Payload | What it is | What it does |
| ---: | --- | --- | ---: | --- | --- | --- |
${rows.join('\n')}

## What there is to see

- **The handshake.** SYN, SYN ACK, ACK: three segments before any text. Then the server speaks
  first, with exactly 20 bytes and no line feed: a prompt.
- **A segment is not a line.** Here each line happens to be a segment of its own, because people
  type slowly. \`1\` and the id behind it could come in one segment, or each byte in a segment of its
  own. The server has to keep a buffer and take lines from it ([course.md](course.md)).
- **One answer, one segment.** Everything the server has to say to a user at one moment, for example
  a sentence and the menu, leaves in one segment: the server gathers what it says while it works on
  what it has read, and writes once. Nagle's algorithm, which would hold small segments back until
  the last one is acknowledged, is off (\`TCP_NODELAY\`).
- **PSH** asks the receiver's system to hand the bytes over at once. Every system sets it on the
  last segment of a write. It says nothing about lines.
- **ACK** is on every segment except the first SYN: it says how many bytes have arrived. If there is
  soon something to send, the ACK travels with it. Otherwise it goes alone, after 40 ms at the
  latest. This is why ${acks} segments only acknowledge.
- **FIN, not RST.** ${ends('FIN')} segments have FIN: each side of each connection closes its own half.
  ${ends('RST')} segments have RST. A server that closes a socket while bytes from the client are unread sends
  RST instead, and its last words may never be read. So this server reads to the end, says its last
  words, and sends FIN.
- **Everybody on the way can read everything.** [TLS](tls.md) prevents that.

## The same as a picture

\`\`\`mermaid
sequenceDiagram
  participant lior
  participant server
  participant golan
${shown.map(arrowOf).join('\n')}
\`\`\`

## Look yourself

\`\`\`sh
statechat serve &
tshark -i lo -f 'tcp port 65432' -X lua_script:tools/wireshark/statechat.lua -Y statechat
\`\`\`

In Wireshark, copy both files of \`tools/wireshark/\` into the folder of plugins (Help › About ›
Folders). \`statechat.kind == "question"\` and \`statechat.state == "chatting"\` are filters; the port
is a preference. The dissector goes by the wording of [protocol.md](protocol.md): \`sentences.lua\` is
generated from it.
`;
}

/** False for segments that only acknowledge, except the third one of a handshake. */
function isShown({ flags, length }: Segment, index: number, all: readonly Segment[]): boolean {
  if (length > 0 || flags.includes('SYN') || flags.includes('FIN') || flags.includes('RST')) return true;
  const before = all[index - 1];
  return before?.flags.includes('SYN') === true && before.flags.includes('ACK');
}

function rowOf({ from, to, flags, length, payload, kind, state, edges }: Segment, number: number): string {
  const shown = payload === '' ? '' : `\`${payload.replaceAll('\n', '⏎').replaceAll('|', '\\|')}\``;
  const what = kind === '' ? '' : `${kind} [${state}]`;
  const does = edges.map(edgeInWords).join('<br>');
  return `| ${number} | ${from} → ${to} | ${flags.join(' ')} | ${length || ''} | ${shown} | ${what} | ${does} |`;
}

function arrowOf({ from, to, flags, payload }: Segment): string {
  const text = payload === '' ? flags.join(' ') : payload.replaceAll('\n', '⏎').replaceAll(/[;#]/g, ' ');
  return `  ${from}->>${to}: ${text.length > 60 ? `${text.slice(0, 57)}...` : text}`;
}
