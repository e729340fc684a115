/**
 * Users who talk to each other through a server: a chat of two, or a room.
 *
 * Owns: how they come together, and the volley, in which lines go back and forth as fast as they arrive.
 */
import type { Dialect } from './dialects.ts';
import { User } from './user.ts';

/** 40 characters, about as long as a usual line. */
export const lineText = 'hello, how are you? it is sunny in here.';

const silenceMs = 15_000;

export interface Group {
  readonly users: readonly User[];
  readonly dialect: Dialect;
  /** Bytes of a line as the others read it; the same for every speaker. */
  readonly lineBytes: number;
}

/**
 * Resolves with `size` users whose ids start with `prefix`: two have a private chat, more are in the room. With several
 * ports, they connect to each in turn.
 */
export async function gather(
  dialect: Dialect,
  port: number | readonly number[],
  size: number,
  prefix = 'u',
): Promise<Group> {
  const ports = typeof port === 'number' ? [port] : port;
  const users: User[] = [];
  for (let number = 0; number < size; number++) {
    const to = ports[number % ports.length] as number;
    const user = await User.connect(`${prefix}${String(number).padStart(4, '0')}`, to);
    await dialect.arrive(user);
    users.push(user);
  }
  const [first, second] = users as [User, User];
  if (size === 2) await dialect.pair(first, second);
  else for (const user of users) await dialect.enterRoom(user);
  const group = { users, dialect, lineBytes: 0 };
  // When these two lines are read, all users have read everything before them.
  await roundOf(group, first);
  const lines = await roundOf(group, second);
  const line = lines[0] as string;
  return { ...group, lineBytes: line.length - (line.lastIndexOf('\n', line.length - 2) + 1) };
}

/** Resolves with so many groups of `size`. */
export function gatherMany(dialect: Dialect, port: number, size: number, count: number): Promise<Group[]> {
  return Promise.all(Array.from({ length: count }, (_, number) => gather(dialect, port, size, `u${10 + number}`)));
}

/** One user says a line, all others read it. */
function roundOf(group: Group, speaker: User): Promise<string[]> {
  speaker.send(wireLine(group, speaker));
  const others = group.users.filter((user) => user !== speaker);
  return Promise.all(others.map((user) => user.until(lineText + group.dialect.lineEnd)));
}

function wireLine({ users, dialect }: Group, speaker: User): string {
  const other = users.find((user) => user !== speaker) as User;
  return dialect.line(lineText, users.length === 2 ? other : 'room');
}

/**
 * For this long, the first two users of each group answer each other's lines, each line as soon as it is read, with
 * `window` lines on their way. The others only read. Resolves when all users have read everything.
 */
export async function volley(groups: readonly Group[], window: number, ms: number): Promise<Volley> {
  const begin = performance.now();
  const end = begin + ms;
  const deliveries = await Promise.all(groups.map((group) => volleyOf(group, window, end)));
  return {
    deliveries: deliveries.reduce((sum, count) => sum + count, 0),
    seconds: (performance.now() - begin) / 1000,
  };
}

export interface Volley {
  /** Lines that were delivered: in a room of 50 each line counts 49 times. */
  deliveries: number;
  seconds: number;
}

function volleyOf(group: Group, window: number, end: number): Promise<number> {
  const { users, lineBytes } = group;
  return new Promise((resolve, reject) => {
    let said = 0;
    let bytes = 0;
    let bytesAtLastWatch = -1;
    const finish = (error?: Error) => {
      clearInterval(watch);
      for (const user of users) user.count();
      if (error === undefined) resolve(said * (users.length - 1));
      else reject(error);
    };
    const watch = setInterval(() => {
      if (bytes === bytesAtLastWatch) finish(new Error('Lines have stopped arriving.'));
      bytesAtLastWatch = bytes;
    }, silenceMs);
    const read = (count: number) => {
      bytes += count;
      if (bytes === said * lineBytes * (users.length - 1) && performance.now() >= end) finish();
    };
    const speakers = users.slice(0, 2).map((user) => ({ user, lines: linesOf(group, user, window), bytes: 0 }));
    for (const speaker of speakers) {
      speaker.user.count((count) => {
        speaker.bytes += count;
        const lines = Math.floor(speaker.bytes / lineBytes);
        speaker.bytes -= lines * lineBytes;
        if (lines > 0 && performance.now() < end) {
          speaker.user.send(speaker.lines[lines] as Buffer);
          said += lines;
        }
        read(count);
      });
    }
    for (const listener of users.slice(2)) listener.count(read);
    said = window;
    users[0]?.send(speakers[0]?.lines[window] as Buffer);
  });
}

/** Returns the bytes of no line, one line, two lines, up to `most`. */
function linesOf(group: Group, speaker: User, most: number): Buffer[] {
  const line = wireLine(group, speaker);
  return Array.from({ length: most + 1 }, (_, count) => Buffer.from(line.repeat(count)));
}

export function scatter(group: Group): void {
  for (const user of group.users) user.destroy();
}
