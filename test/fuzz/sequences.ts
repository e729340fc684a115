/**
 * What people do to the server, one step after the other, as data: it can be generated, shrunk, written down and replayed.
 *
 * Owns: the kinds of steps, the random sequences of both modes, and what a hostile text is used as. Knows nothing of sockets;
 * `place.ts` plays it.
 */
import fc from 'fast-check';
import corpus from './corpus.json' with { type: 'json' };

/** One step of one of a few people; somebody connects with their first. Bytes are written as the characters U+0000 to U+00FF. */
export type Step =
  | { who: number; sends: string; times?: number }
  /** What a person would say next, who has read what is on the screen; `choice` picks one of the possibilities. */
  | { who: number; answers: number; as: Manner }
  /** Everything sent so far has been taken. */
  | { who: number; waits: true }
  /** Sends nothing for so long, in ms. */
  | { who: number; rests: number }
  | { who: number; ends: 'fin' | 'reset' };

/** How somebody sends: their id, how a line ends, and into pieces of how many bytes it is cut; 0 for one. */
interface Manner {
  id: string;
  lineEnd: string;
  cut: number;
}

/** Holds a blank, so it can't be an id; part of what is said, so it must not be in the log. */
export const secret = 'open sesame';

const bytesOf = (text: string): string => Buffer.from(text).toString('latin1');

/** A hostile text as an id, as somebody's name, and said in the room and in a chat. */
function usesOf(text: string, times = 1): Step[][] {
  const hostile: Step = { who: 0, sends: text, times };
  const bye: Step = { who: 0, ends: 'fin' };
  const says = (sends: string, who = 0): Step => ({ who, sends });
  const waits = (who = 0): Step => ({ who, waits: true });
  return [
    [hostile, says('\nzoe\n'), bye],
    [says('zoe\n1\n'), hostile, says('\nexit()\n4\n2\n')],
    [says(`zoe\n3\n${secret} `), hostile, says('\nexit()\n2\n')],
    [
      ...[says('yan\n', 1), waits(1), says('zoe\n1\nyan\n'), waits(), says('y\n', 1), waits(1)],
      ...[says(`${secret} `), hostile, says('\nexit()\n'), bye],
    ],
    // Without a line feed, as a connection that has paused sends it.
    ...(times > 1 ? [] : [[says('zoe\n3\n'), hostile, bye]]),
  ];
}

interface Corpus {
  texts: [title: string, text: string, times?: number][];
  sequences: [title: string, steps: Step[]][];
}
const { texts, sequences } = corpus as unknown as Corpus;

/** All that was ever made up against the server. */
export const knownSequences: [title: string, steps: Step[]][] = [
  ...texts.flatMap(([title, text, times]) => usesOf(text, times).map((steps): [string, Step[]] => [title, steps])),
  ...sequences,
];

const hostileText = fc.constantFrom(...texts.filter(([, , times]) => times === undefined).map(([, text]) => text));
const rawBytes = fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
const anyText = fc.string({ unit: 'binary', maxLength: 80 }).map(bytesOf);
const lineEnds = fc.constantFrom('\n', '\r\n', '\r', '\n\r', '\r\r\n', '\0\n', '');

/** Parameters, intermediates and a final byte, which may be missing: CSI, OSC, DCS, APC, PM, SOS, as ESC or as C1. */
const controlSequence = fc
  .tuple(
    fc.constantFrom(
      '\x1b[',
      '\x1b]',
      '\x1bP',
      '\x1b_',
      '\x1b^',
      '\x1bX',
      '\x1b',
      '\xc2\x9b',
      '\xc2\x9d',
      '\x9b',
      '\x90',
    ),
    fc.string({ unit: fc.constantFrom(...'0123456789;:?>!$" '), maxLength: 12 }),
    fc.constantFrom('m', 'J', 'H', 'c', 'n', 'h', 'q', 't', '\x07', '\x1b\\', '\xc2\x9c', '\x18', ''),
  )
  .map((parts) => parts.join(''));

/** Text full of the characters that steer, reorder, hide or pile up, and of their neighbours. */
const steeringText = fc
  .array(
    fc.oneof(
      ...[fc.nat(0xff), fc.integer({ min: 0x2000, max: 0x206f }), fc.integer({ min: 0x300, max: 0x36f })],
      ...[fc.integer({ min: 0xfff0, max: 0xffff }), fc.integer({ min: 0xfdd0, max: 0xfe0f })],
      ...[fc.integer({ min: 0xe0000, max: 0xe01ff }), fc.integer({ min: 0x600, max: 0x61f })],
      fc.constantFrom(0x61, 0x5d0, 0x1f469, 0x200d, 0xfe0f, 0x3164, 0xfeff, 0xe000, 0x180e, 0x115f, 0x34f, 0x301),
    ),
    { minLength: 1, maxLength: 30 },
  )
  .map((codes) => bytesOf(String.fromCodePoint(...codes)));

const invalidUtf8 = fc.constantFrom(
  ...['\xff', '\xfe', '\xc0\x80', '\xc1\xbf', '\xe0\x80\x80', '\xed\xa0\x80', '\xed\xb0\x80', '\xf4\x90\x80\x80'],
  ...['\xf5\x80\x80\x80', '\x80', '\xbf', '\xc3', '\xe2\x82', '\xf0\x9f\x98', '\xf8\x88\x80\x80\x80'],
);

const telnet = fc
  .tuple(fc.constantFrom('\xff\xfb', '\xff\xfc', '\xff\xfd', '\xff\xfe', '\xff\xfa', '\xff\xf0', '\xff'), fc.nat(255))
  .map(([command, option]) => command + String.fromCharCode(option));

const otherProtocol = fc.constantFrom(
  'GET / HTTP/1.1\r\nHost: x\r\nUser-Agent: y\r\nAccept: */*\r\n\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0',
  'SSH-2.0-OpenSSH_9.6\r\n',
  '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03abcdef\x0a\x13\x01',
  'EHLO x\r\nMAIL FROM:<a@b>\r\n',
  '*1\r\n$4\r\nPING\r\n',
);

const lineOfProtocol = fc.constantFrom(
  ...['1', '2', '3', '4', 'y', 'n', 'exit()', 'zoe', 'yan', 'eve', 'ann', '__proto__', 'Menu:', 'ann: hi', ''],
);

const piece = fc.oneof(
  { weight: 4, arbitrary: rawBytes },
  { weight: 4, arbitrary: fc.tuple(hostileText, lineEnds).map((parts) => parts.join('')) },
  { weight: 4, arbitrary: fc.tuple(steeringText, lineEnds).map((parts) => parts.join('')) },
  { weight: 2, arbitrary: fc.tuple(lineOfProtocol, fc.constantFrom('\n', '\r\n')).map((parts) => parts.join('')) },
  { weight: 3, arbitrary: fc.tuple(controlSequence, lineEnds).map((parts) => parts.join('')) },
  { weight: 3, arbitrary: fc.tuple(anyText, lineEnds).map((parts) => `${secret} ${parts.join('')}`) },
  { weight: 2, arbitrary: fc.tuple(invalidUtf8, lineEnds).map((parts) => parts.join('')) },
  { weight: 2, arbitrary: fc.tuple(telnet, lineEnds).map((parts) => parts.join('')) },
  { weight: 1, arbitrary: otherProtocol },
  { weight: 1, arbitrary: fc.array(lineEnds, { maxLength: 40 }).map((ends) => ends.join('')) },
);

const anyFlood: fc.Arbitrary<Step> = fc.record({
  who: fc.constant(0),
  sends: fc.constantFrom('x', '\0', '\xff', 'a\n', '\xcc\x81', '\n', '\x1b[', '\xe2\x80\xae'),
  times: fc.oneof(fc.constantFrom(4095, 4096, 4097, 65_535, 65_536), fc.nat(5000)),
});

/** Where somebody stands before the random bytes come: the first prompt, the menu, at a name, in the room, in a chat. */
const openings: Step[][] = [
  [],
  [{ who: 0, sends: 'zoe\n' }],
  [{ who: 0, sends: 'zoe\n1\n' }],
  [{ who: 0, sends: 'zoe\n3\n' }],
  [
    ...[{ who: 1, sends: 'yan\n' }, { who: 1, waits: true } as const, { who: 0, sends: 'zoe\n1\nyan\n' }],
    ...[{ who: 0, waits: true } as const, { who: 1, sends: 'y\n' }, { who: 1, waits: true } as const],
  ],
];

/** Bytes cut anywhere: what was meant as one piece comes in several, and several come in one. */
function cutAt(bytes: string, cuts: number[]): Step[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [...places, bytes.length].map((end, index) => ({ who: 0, sends: bytes.slice(places[index - 1] ?? 0, end) }));
}

const anyBytesPart: fc.Arbitrary<Step[]> = fc.oneof(
  {
    weight: 30,
    arbitrary: fc
      .tuple(fc.array(piece, { minLength: 1, maxLength: 10 }), fc.array(fc.nat(3000), { maxLength: 6 }))
      .map(([pieces, cuts]) => cutAt(pieces.join(''), cuts)),
  },
  { weight: 2, arbitrary: anyFlood.map((step) => [step]) },
  { weight: 1, arbitrary: fc.constant<Step[]>([{ who: 0, rests: 210 }]) },
);

const anyEnd = fc.constantFrom<Step>({ who: 0, ends: 'fin' }, { who: 0, ends: 'fin' }, { who: 0, ends: 'reset' });

/** Random bytes, from wherever one may stand. */
export const anyBytes: fc.Arbitrary<Step[]> = fc
  .tuple(fc.nat(7), fc.array(anyBytesPart, { minLength: 1, maxLength: 4 }), anyEnd)
  // Most of them where others read what is said.
  .map(([at, parts, end]) => [...(openings[at] ?? openings[at - 3] ?? []), ...parts.flat(), end]);

const anyManner: fc.Arbitrary<Manner> = fc.record({
  id: fc.constantFrom('zoe', 'yan', 'xia', 'Zoe', 'a.b-c_d', 'ann'),
  lineEnd: fc.constantFrom('\n', '\n', '\n', '\r\n'),
  cut: fc.constantFrom(0, 0, 0, 1, 2, 5),
});

/** What comes at the wrong moment or is none of the protocol's. */
const anyOddLine = fc.oneof(
  { weight: 3, arbitrary: lineOfProtocol },
  { weight: 2, arbitrary: hostileText },
  { weight: 2, arbitrary: steeringText },
  { weight: 2, arbitrary: fc.tuple(anyText, controlSequence, anyText).map((parts) => parts.join('')) },
  { weight: 1, arbitrary: fc.constantFrom('EXIT()', ' exit() ', ' 1 ', 'Y', 'YES', 'no', 'exit() ', '1 2') },
);

/** A turn of one of three people; in which manner, the dialogue says. */
type Turn = { who: number } & ({ answers: number; isPatient: boolean } | { odd: string } | { ends: 'fin' | 'reset' });

const anyTurn: fc.Arbitrary<Turn> = fc.oneof(
  { weight: 17, arbitrary: fc.record({ who: fc.nat(2), answers: fc.nat(59), isPatient: fc.nat(3).map((n) => n > 0) }) },
  { weight: 2, arbitrary: fc.record({ who: fc.nat(2), odd: anyOddLine }) },
  { weight: 1, arbitrary: fc.record({ who: fc.nat(2), ends: fc.constantFrom<'fin' | 'reset'>('fin', 'reset') }) },
);

/** People who mostly say what the protocol expects of them, by turns, and don't always wait for the answer. */
export const anyDialogue: fc.Arbitrary<Step[]> = fc
  .tuple(fc.tuple(anyManner, anyManner, anyManner), fc.array(anyTurn, { minLength: 1, maxLength: 40, size: 'max' }))
  .map(([manners, turns]) => turns.flatMap((turn) => stepsOf(turn, manners[turn.who] as Manner)));

function stepsOf(turn: Turn, as: Manner): Step[] {
  const { who } = turn;
  if ('odd' in turn) return [{ who, sends: `${turn.odd}${as.lineEnd}` }];
  if ('ends' in turn) return [{ who, ends: turn.ends }];
  const answer: Step = { who, answers: turn.answers, as };
  return turn.isPatient ? [answer, { who, waits: true }] : [answer];
}

/** What a person in front of this screen would type. */
export function answerTo(screen: string, choice: number, id: string): string {
  return possibleAnswers(screen, id)[choice % possibleAnswers(screen, id).length] as string;
}

function possibleAnswers(screen: string, id: string): string[] {
  if (/Choose another user ID: $/.test(screen)) return [`${id}2`, `${id}.3`, id];
  if (/Enter your user ID: $/.test(screen)) return [id, id, id, 'ann', '9 lives'];
  if (/Enter user ID: $/.test(screen)) return ['zoe', 'yan', 'xia', 'eve', 'a.b-c_d', 'ben', 'nobody', id, 'exit()'];
  if (/Accept\? \(y\/n\): $/.test(screen)) return ['y', 'y', 'yes', 'n'];
  if (/4\) Who is online\n$/.test(screen)) return ['1', '1', '1', '3', '3', '4', '2'];
  if (/Waiting for response\.\.\.\n$/.test(screen)) return ['exit()', `${secret}?`];
  const said = `${secret}, says ${id}`;
  return [said, said, `${said}: \u0448\u05d0\u{1f469}\u200d\u{1f4bb}e\u0301`, `${said}\t\u001b[31m`, 'exit()', ''];
}
