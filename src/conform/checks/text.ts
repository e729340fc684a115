/**
 * Stage 3: what becomes of text.
 *
 * Owns: the checks of bytes and characters on their way through a chat.
 */
import type { TestClient } from '../testClient.ts';
import type { Check } from './check.ts';
import { type Fault, Shown, TooSlow } from './findings.ts';
import type { ProbeSession } from './probeSession.ts';
import { about, line } from './says.ts';

/** Between the two halves of a letter, so that each is a segment, in ms. */
const cutMs = 15;
/** Until a line has arrived, if it does, in ms. */
const arrivalMs = 200;
/** Written at once, and few enough for a server that counts lines. */
const manyLines = 25;

export const textChecks: readonly Check[] = [
  {
    ...{ id: 'text-blanks', stage: 3, needs: ['chat-line'] },
    rule: 'the blanks of a line are kept',
    name: 'blanks at the ends of a line are cut off',
    hint: 'strip() the line to compare it with exit(), and pass on the line as it came.',
    async run(session) {
      await arrives(session, ['one  two   three'], {
        name: 'blanks within a line are changed',
        hint: 'split() and join() make one blank of several: pass on the line as it came.',
      });
      await arrives(session, ['  two  blanks  ', ' x', 'x ']);
    },
  },
  {
    ...{ id: 'text-unicode', stage: 3, needs: ['chat-line'] },
    rule: 'letters of every script arrive as they were sent',
    name: 'letters outside of ASCII are changed',
    hint: 'Decode and encode as UTF-8 everywhere, and let what can be printed through.',
    run: (session) => arrives(session, ['é ß ñ', 'שלום مرحبا', '漢字 かな', '😀 🚀', '𐍈 𝄞 𠀀']),
  },
  {
    ...{ id: 'text-planes', stage: 3, needs: ['text-unicode'], isFine: true },
    rule: 'a line with a letter of any plane of Unicode arrives, and its other letters as they were sent',
    name: 'a line with letters of the higher planes of Unicode is lost',
    hint: 'Unicode goes up to U+10FFFF. What may not reach a screen is replaced, and the rest of the line stays.',
    async run(session) {
      const [ann, ben] = await session.pair();
      for (const letter of ['\u{30000}', '\u{e0100}', '\u{f0000}', '\u{10fffd}']) {
        const { length } = ben.transcript;
        const code = letter.codePointAt(0)?.toString(16).toUpperCase();
        session.tell(ann, `types "before U+${code} after", with the letter itself`);
        ann.send(`before ${letter} after\n`);
        const isThere = await ben.until(() => /: before [^\n\ufffd]+ after\n/.test(ben.transcript.slice(length)));
        if (!isThere) throw session.shown(ben, `"before", U+${code} or what stands for it, and "after"`);
        session.forget(ben);
      }
    },
  },
  {
    ...{ id: 'text-tab', stage: 3, needs: ['text-blanks'], isFine: true },
    rule: 'tabs are kept',
    name: 'tabs are changed',
    hint: 'A tab steers no terminal: it is text.',
    run: (session) => arrives(session, ['a\tb']),
  },
  {
    ...{ id: 'text-crlf', stage: 3, needs: ['chat-line', 'id-crlf'] },
    rule: 'the CR of CR LF is not part of the text',
    name: 'the CR of CR LF stays in the line',
    hint: 'Telnet and Windows end lines with CR LF: cut the CR off with the LF.',
    async run(session) {
      const [ann, ben] = await session.pair();
      session.type(ann, 'hello', '\r\n');
      await session.expect(ben, line(ann, 'hello'));
    },
  },
  {
    ...{ id: 'text-controls', stage: 3, needs: ['chat-line'] },
    rule: 'characters that steer a terminal do not reach another screen',
    name: 'control characters reach the other screen',
    hint: 'Replace what is no printable character before you pass a line on: ESC and CR can rewrite another screen.',
    async run(session) {
      const [ann, ben] = await session.pair();
      const steering = ['\x1b', '\r', '\x07', '\x08', '\x00', '\x7f', '\u009b', '\u202e'];
      for (const each of steering) {
        const { length } = ben.transcript;
        session.type(ann, `a${each}b`);
        await ben.until(() => ben.transcript.length > length, arrivalMs);
      }
      session.type(ann, 'end');
      await session.needs(ben, line(ann, 'end'));
      const raw = steering.find((each) => ben.transcript.includes(each));
      if (raw !== undefined) throw new Shown('ben', 'no control characters', JSON.stringify(`a${raw}b`));
    },
  },
  {
    ...{ id: 'utf8-cut', stage: 3, needs: ['text-unicode', 'cut-lines'] },
    rule: 'a letter that is cut by two segments arrives whole',
    name: 'bytes are decoded segment by segment',
    hint: 'A letter may come in two segments: collect bytes until the line feed, and decode the whole line.',
    async run(session) {
      const [ann, ben] = await session.pair();
      for (const text of ['é', '漢', '😀']) {
        const bytes = Buffer.from(`${text}\n`);
        for (let cut = 1; cut < bytes.length - 1; cut++) {
          session.tell(ann, `types ${JSON.stringify(text)} in two segments, cut after byte ${cut}`);
          await ann.sendParts([bytes.subarray(0, cut), bytes.subarray(cut)], cutMs);
          await session.expect(ben, line(ann, text));
        }
      }
    },
  },
  {
    ...{ id: 'text-not-utf8', stage: 3, needs: ['utf8-cut'] },
    rule: 'a line that is no UTF-8 does not end the connection',
    name: 'a line that is no UTF-8 ends the connection',
    hint: 'decode() fails for bytes that are no UTF-8: catch that, or decode with errors="replace".',
    async run(session) {
      const [ann, ben] = await session.pair();
      notUtf8(session, ann);
      session.type(ann, 'end');
      await session.expect(ben, line(ann, 'end'));
    },
  },
  {
    ...{ id: 'text-not-utf8-refused', stage: 3, needs: ['text-not-utf8'], isFine: true },
    rule: 'a line that is no UTF-8 is refused whole, and its sender is told',
    name: 'a line that is no UTF-8 is passed on',
    hint: 'Refuse the line and say so: what another program meant by these bytes is not known.',
    async run(session) {
      const [ann, ben] = await session.pair();
      session.forget(ann);
      notUtf8(session, ann);
      session.type(ann, 'end');
      await session.needs(ben, line(ann, 'end'));
      if (/[^\n]*caf/.test(ben.transcript)) throw new Shown('ben', 'nothing of this line', JSON.stringify('caf…'));
      if (!(await ann.until(() => ann.unread.includes('\n')))) throw session.shown(ann, 'that the line was refused');
    },
  },
  {
    ...{ id: 'text-long', stage: 3, needs: ['chat-line', 'long-line'] },
    rule: 'a line of 4,096 bytes arrives whole',
    name: 'a long line is cut',
    hint: 'recv(1024) and readline(1024) return no more than that: go on until the line feed. A line has up to 4,096 bytes.',
    async run(session) {
      const [ann, ben] = await session.pair();
      for (const length of [1025, 2100, 4096]) {
        const text = `${'long '.repeat(900).slice(0, length - 1)}.`;
        session.tell(ann, `types a line of ${length} bytes`);
        ann.send(`${text}\n`);
        session.story.push(`    (it begins ${JSON.stringify(text.slice(0, 20))})`);
        if (!(await ben.until(() => ben.unread.includes(text)))) {
          const read = ben.unread.slice(0, 40);
          throw new Shown(
            'ben',
            `all ${length} bytes of it`,
            `${ben.unread.length} characters: ${JSON.stringify(read)}...`,
          );
        }
        session.forget(ben);
      }
    },
  },
  {
    ...{ id: 'text-too-long', stage: 3, needs: ['text-long'], isFine: true },
    rule: 'a line of more than 4,096 bytes is refused whole, and its sender is told',
    name: 'a line of more than 4,096 bytes is passed on',
    hint: 'Count the bytes of a line while they come: a line without an end fills the memory.',
    async run(session) {
      const [ann, ben] = await session.pair();
      session.forget(ann);
      session.tell(ann, 'types a line of 4,097 bytes');
      ann.send(`${'z'.repeat(4097)}\n`);
      session.type(ann, 'end');
      await session.expect(ben, line(ann, 'end'));
      // Longer than an id: it may have a few of them.
      if (ben.transcript.includes('z'.repeat(10))) throw new Shown('ben', 'nothing of this line', '"ann: zzz..."');
      if (!(await ann.until(() => ann.unread.includes('\n')))) throw session.shown(ann, 'that the line was refused');
    },
  },
  {
    ...{ id: 'text-order', stage: 3, needs: ['chat-line', 'two-lines'] },
    rule: 'lines arrive in the order in which they were sent, each once',
    name: 'lines are lost, doubled or out of order',
    hint: 'One buffer for what comes in and one queue for what goes out, for each connection.',
    async run(session) {
      const [ann, ben] = await session.pair();
      const texts = Array.from({ length: manyLines }, (_, at) => `line ${at} ${session.suffix}`);
      session.tell(ann, `types ${manyLines} lines in one segment`);
      ann.send(texts.map((text) => `${text}\n`).join(''));
      session.type(ann, 'end');
      await ben.until(() => ben.unread.includes(': end\n'));
      const arrived = [...ben.unread.matchAll(/: (line \d+ \w+)$/gm)].map(([, text]) => text);
      if (arrived.join() !== texts.join())
        throw new Shown('ben', `${manyLines} lines in order`, `${arrived.length} lines: ${session.rest(ben)}`);
    },
  },
  {
    ...{ id: 'text-pieces', stage: 3, needs: ['chat-line', 'cut-lines'] },
    rule: 'a line of a chat that comes byte by byte is one line',
    name: 'a line that comes in pieces is taken for several',
    hint: 'A line ends at its line feed and nowhere else: keep what has come until then.',
    async run(session) {
      const [ann, ben] = await session.pair();
      session.tell(ann, 'types "in pieces", one byte per segment');
      if ((await ann.sendParts([...'in pieces\n'], 2)) > 1000) throw new TooSlow();
      await session.expect(ben, line(ann, 'in pieces'));
    },
  },
  {
    ...{ id: 'text-before-end', stage: 3, needs: ['chat-line', 'half-close', 'partner-vanished'] },
    rule: 'lines sent just before the end of a connection arrive',
    name: 'what was said just before the end of a connection is lost',
    hint: 'recv() returning nothing means that no more comes. What came before is still passed on, and then the partner is told.',
    async run(session) {
      for (let round = 0; round < 3; round++) {
        const [ann, ben] = await session.pair();
        session.type(ann, 'first\nlast');
        session.hangUp(ann);
        for (const text of ['first', 'last']) await session.expect(ben, line(ann, text));
        await session.expect(ben, about('partnerLeft', ann));
        await Promise.all([ann.leave(), ben.leave()]);
      }
    },
  },
];

async function arrives(session: ProbeSession, texts: readonly string[], fault?: Fault): Promise<void> {
  const [ann, ben] = await session.pair();
  for (const text of texts) {
    session.type(ann, text);
    await session.expect(ben, line(ann, text), fault);
  }
}

function notUtf8(session: ProbeSession, client: TestClient): void {
  session.tell(client, 'types "caf\\xe9", which is no UTF-8');
  client.send(Buffer.from([0x63, 0x61, 0x66, 0xe9, 0x0a]));
}
