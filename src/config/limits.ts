/**
 * All that one user, one address and all users together may take of the server: one table. Options, sentences, counters,
 * metrics and the operator's page follow from it.
 *
 * Owns: each limit's default with the reason for it, its option, and what happens when it is reached. Numbers that are part
 * of the protocol stand where they are used: ids (`machines/session.machine.ts`), framing (`transport/lineDecoder.ts`) and
 * the length of a list of users (`protocol/replies.ts`). To add one: its row here, and the code that notices it calls
 * `limitReached`. Next: `cli/serveOptions.ts`, `protocol/replies.ts`, `tools/docs/limitsTable.ts`.
 */
import type { LimitName } from '../../machines/events.ts';

/** What happens when a limit is reached that ends a connection. */
interface Consequence {
  /** What the user reads before the connection ends; undefined where nothing can be said. */
  says?: string;
  /** For the operator: what it means if it is reached often. */
  often: string;
}

interface LimitRow {
  /** In the unit that the name says; 0 is no limit where the kind has a zero. */
  default: number;
  /** The option, as `--help` shows it. */
  flag: string;
  /** Which values the option takes. Seconds are kept in ms. */
  kind: 'count' | 'countOrZero' | 'seconds' | 'secondsOrZero' | 'rate';
  /** For `--help`. */
  meaning: string;
  /** By the name that the log, the metrics and the reason of a session's end have for it; none if it ends nothing. */
  reached?: Readonly<Record<string, Consequence>>;
}

const tooManyAttempts = 'Too many attempts. Goodbye!\n';

export const limitTable = {
  maxConnections: {
    // Ten thousand cost about 100 MB.
    default: 10_000,
    flag: '--max-connections <n>',
    kind: 'count',
    meaning: 'connections at once, and never more than the open files allow',
    reached: {
      serverFull: { says: 'The server is full. Try again later. Goodbye!\n', often: 'see *The server is full* above' },
    },
  },
  maxPerAddress: {
    // One address, or one /64 network for IPv6. A family behind one router fits.
    default: 16,
    flag: '--max-per-address <n>',
    kind: 'countOrZero',
    meaning: 'connections at once from one address, for a school or an office its users; 0 for no limit',
    reached: {
      addressFull: {
        says: 'Too many connections from your address. Goodbye!\n',
        often:
          'many users behind one address (a school, an office): raise it, or 0. One who connects too often: block them ' +
          'in the firewall',
      },
    },
  },
  connectRate: {
    // In the long run, and ten times as many at once: all of an office that comes back after a restart.
    default: 5,
    flag: '--connect-rate <n>',
    kind: 'rate',
    meaning: "connections per second from one address, this machine's excepted; 0 for no limit",
    reached: {
      connectRate: {
        says: 'Too many connections from your address within a short time. Try again later. Goodbye!\n',
        often: 'a program that connects again and again: block its address in the firewall',
      },
    },
  },
  handshakeRate: {
    // Fifty with a key of 4,096 bits keep a core busy for a third of the time.
    default: 50,
    flag: '--handshake-rate <n>',
    kind: 'rate',
    meaning: 'TLS handshakes that begin per second, the rest waits; 0 for no limit',
  },
  idTimeoutMs: {
    // From the connection to an accepted id, without the time that a password waits for its check: long enough to think of one, and a line that says nothing costs a place for no longer.
    default: 60_000,
    flag: '--id-timeout <seconds>',
    kind: 'seconds',
    meaning: 'time to give an id',
    reached: {
      idTimeout: {
        says: 'No user ID was given in time. Goodbye!\n',
        often: 'port scanners and health checks; harmless',
      },
    },
  },
  idTries: {
    // Typing errors fit, trying out a list of names doesn't.
    default: 5,
    flag: '--id-tries <n>',
    kind: 'count',
    meaning: 'refused ids before the connection ends',
    reached: {
      idTries: {
        says: tooManyAttempts,
        often: 'programs that speak another protocol (browsers, TLS clients); harmless',
      },
    },
  },
  handshakeMs: {
    // From the connection to the end of its TLS handshake: three lost packets fit, and who says nothing holds a place for no longer.
    default: 10_000,
    flag: '--handshake-timeout <seconds>',
    kind: 'seconds',
    meaning: 'time for the TLS handshake, and for the header of a load balancer',
    reached: {
      handshakeTimeout: { often: 'port scanners at the TLS port; harmless' },
      proxyHeader: {
        often:
          'with `--proxy-protocol on`: a client that does not come through the balancer, or a balancer that is not told to send the header',
      },
    },
  },
  passwordTries: {
    // Typing errors fit, guessing doesn't.
    default: 3,
    flag: '--password-tries <n>',
    kind: 'count',
    meaning: 'wrong passwords before the connection ends',
    reached: {
      passwordTries: {
        says: tooManyAttempts,
        often: 'somebody guesses passwords: block the address if it goes on',
      },
    },
  },
  passwordChecks: {
    // Each keeps a core and 32 MB busy for about 0.3 s, and the chat needs a core too.
    default: 1,
    flag: '--password-checks <n>',
    kind: 'count',
    meaning: 'passwords checked at the same time',
  },
  passwordQueue: {
    // With one password in the file, half a minute of work, and who waits has a minute.
    default: 100,
    flag: '--password-queue <n>',
    kind: 'count',
    meaning: 'passwords that may wait for their check',
    reached: {
      passwordQueue: {
        says: 'Too many passwords are waiting to be checked. Try again later. Goodbye!\n',
        often:
          'more clients try passwords at once than can be checked: a flood, or all users come back after a restart',
      },
    },
  },
  maxLineBytes: {
    // A terminal in line mode hands over at most 4,095 typed bytes and the line feed.
    default: 4096,
    flag: '--max-line <bytes>',
    kind: 'count',
    meaning: 'longest line',
  },
  maxUnterminatedBytes: {
    // A user who pastes a page is told and goes on; a program that sends no lines at all is no chat client.
    default: 65_536,
    flag: '--max-unterminated <bytes>',
    kind: 'count',
    meaning: 'bytes without a line feed before the connection ends',
    reached: {
      unterminated: {
        says: 'Too much text without a line feed. Goodbye!\n',
        often: 'a program that sends no lines; `--framing auto` accepts programs that send single messages',
      },
    },
  },
  overheadRate: {
    // What telnet and TLS need for themselves is some hundred bytes; each key over TLS costs about 25.
    default: 16_384,
    flag: '--overhead-rate <bytes>',
    kind: 'countOrZero',
    meaning:
      'bytes per second from one connection that are part of no line (commands of telnet and TLS), twice as many at once; 0 for no limit',
    reached: {
      overhead: {
        says: 'Too many bytes that are no text. Goodbye!\n',
        often: 'somebody floods the server with commands of telnet or TLS: block the address',
      },
    },
  },
  rateLimit: {
    // In the long run. No user types faster, and none reads faster. The rest waits in the socket.
    default: 10,
    flag: '--rate-limit <lines>',
    kind: 'rate',
    meaning: 'lines per second from one person in the long run, the rest is read later; 0 for no limit',
  },
  rateBurst: {
    // A pasted paragraph.
    default: 40,
    flag: '--rate-burst <lines>',
    kind: 'count',
    meaning: 'lines from one person that may come at once',
  },
  roomRate: {
    // In the long run, and a quarter of it at once: who reads that fast misses nothing, however many speak. A hundred fast
    // typists say less than a hundredth of it.
    default: 1_048_576,
    flag: '--room-rate <bytes>',
    kind: 'countOrZero',
    meaning:
      'bytes per second that all people together say in the common room, the rest is read later and everybody has ' +
      'their turn; 0 for no limit',
  },
  requestsPerMinute: {
    // Each one interrupts somebody.
    default: 10,
    flag: '--requests-per-minute <n>',
    kind: 'countOrZero',
    meaning: 'chat requests per minute from one person; 0 for no limit',
  },
  askedPerMinute: {
    // Whoever is asked has to get to something else in between, however many want them.
    default: 3,
    flag: '--asked-per-minute <n>',
    kind: 'countOrZero',
    meaning: 'chat requests per minute that reach one person, whoever asks; 0 for no limit',
  },
  declineWaitMs: {
    // Long enough that nobody wears a no down, short enough for a second thought of the one who said it.
    default: 30_000,
    flag: '--decline-wait <seconds>',
    kind: 'secondsOrZero',
    meaning: 'time after a no before the same person may ask the same one again, an hour at most; 0 for none',
  },
  resumeMs: {
    // A phone changes from one network to another within it, and the partner isn't left hanging for longer.
    default: 30_000,
    flag: '--resume <seconds>',
    kind: 'secondsOrZero',
    meaning: 'time to come back to a chat after a lost connection, for those with a name of --names; 0 for none',
  },
  requestTimeoutMs: {
    // Long enough to read a question and think, short enough that no asker waits for a user who has walked away.
    default: 60_000,
    flag: '--request-timeout <seconds>',
    kind: 'seconds',
    meaning: 'time to answer a chat request',
  },
  outboxSoftBytes: {
    // About what a terminal shows in a second.
    default: 65_536,
    flag: '--outbox-soft <bytes>',
    kind: 'count',
    meaning: 'bytes waiting for a reader from which on those who cause more wait',
  },
  outboxBytes: {
    // On top of some MB in the system's socket.
    default: 262_144,
    flag: '--outbox <bytes>',
    kind: 'count',
    meaning: 'bytes that may wait for one slow reader',
    reached: {
      outboxFull: {
        says: 'You read too slowly, and too much was waiting for you. Goodbye!\n',
        often: 'readers too slow for the room: lower `--rate-limit`, or raise `--outbox` if memory allows',
      },
    },
  },
  outboxTotalBytes: {
    // What is over drops the slowest. A thousand slow readers fit.
    default: 268_435_456,
    flag: '--outbox-total <bytes>',
    kind: 'count',
    meaning: 'bytes that may wait for all slow readers',
    reached: {
      outboxTotal: {
        says: 'Too much is waiting to be read on this server. Goodbye!\n',
        often: 'many slow readers at once; is the network of the server full?',
      },
    },
  },
  stallMs: {
    // A phone in a tunnel comes back within it.
    default: 30_000,
    flag: '--stall-timeout <seconds>',
    kind: 'seconds',
    meaning: 'time a reader may take nothing while something waits',
    reached: {
      stalled: {
        says: 'You stopped reading. Goodbye!\n',
        often: 'phones that lose their network, terminals stopped with Ctrl-S',
      },
    },
  },
  idleMs: {
    // A user who only reads the room is a guest too, and netcat can't answer a ping.
    default: 0,
    flag: '--idle-timeout <seconds>',
    kind: 'secondsOrZero',
    meaning: 'time a person may type nothing; 0 for no limit',
    reached: {
      idle: { says: 'You were idle for too long. Goodbye!\n', often: 'this is the purpose of the limit' },
    },
  },
  keepAliveMs: {
    default: 60_000,
    flag: '--keep-alive <seconds>',
    kind: 'secondsOrZero',
    meaning: 'silence before the system asks whether the other side is there; 0 for never',
  },
  goneMs: {
    // A phone in a tunnel comes back within it. With keepAliveMs, everybody who vanished is gone within 90 s.
    default: 60_000,
    flag: '--gone-timeout <seconds>',
    kind: 'secondsOrZero',
    meaning: 'time without an acknowledgement of what was sent again and again (on Linux); 0 for what the system has',
    reached: {
      unreachable: { often: 'phones that lose their network, and computers that are switched off' },
    },
  },
  announceLimit: {
    // With N users that costs N² lines as the server fills.
    default: 100,
    flag: '--announce-limit <users>',
    kind: 'countOrZero',
    meaning: 'tell the menu who comes and goes while at most this many are online',
  },
  roomHistory: {
    // 16 KiB at most. A screenful: enough to see what the talk is about.
    default: 20,
    flag: '--room-history <lines>',
    kind: 'countOrZero',
    meaning: 'lines the common room remembers for those who enter; 0 for none',
  },
} as const satisfies Record<string, LimitRow>;

type Table = typeof limitTable;

/** The value of each limit, in the unit that its name says. */
export type Limits = { -readonly [Name in keyof Table | keyof FixedLimits]: number };

/** Those that are no option. */
interface FixedLimits {
  lingerMs: number;
  drainMs: number;
}

const fixedLimits: FixedLimits = {
  /** A peer that got our FIN and doesn't answer within this is gone or doesn't want to go. */
  lingerMs: 5_000,
  /** On shutdown, how long the last words may take to reach everybody before the rest is cut off. */
  drainMs: 5_000,
};

/** The defaults. */
export const limits: Limits = {
  ...(Object.fromEntries(Object.entries(limitTable).map(([name, row]) => [name, row.default])) as Limits),
  ...fixedLimits,
};

type ReachedOf<Row> = Row extends { reached: infer Reached } ? keyof Reached & string : never;

/** Every limit at which something happens that is counted, by the name that the log and the metrics have for it. */
export type CountedLimit = { [Name in keyof Table]: ReachedOf<Table[Name]> }[keyof Table];

/** What happens at each of them. */
const consequences = Object.assign(
  {},
  ...Object.values<LimitRow>(limitTable).map(({ reached }) => reached),
) as Readonly<Record<CountedLimit, Consequence>>;

/** How often each was reached, before any was. */
export function noneReached(): Record<CountedLimit, number> {
  const names = Object.keys(consequences) as CountedLimit[];
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<CountedLimit, number>;
}

/** The option that sets it, for the log: `--max-per-address`. */
export function optionOf(limit: CountedLimit | LimitName): string {
  const row = Object.values<LimitRow>(limitTable).find(({ reached = {} }) => limit in reached);
  return row?.flag.replace(/ .*/, '') ?? '';
}

/** What the user reads; empty where nothing can be said. */
export function sentenceOf(limit: CountedLimit | LimitName): string {
  return consequences[limit].says ?? '';
}
