/**
 * What a user says to each kind of server, and what comes back.
 *
 * Owns: the servers' protocols as far as the bench speaks them. Next: `user.ts` (the connection), `scenarios/`.
 */
import type { User } from './user.ts';

export interface Dialect {
  /** The end of a line that another user reads. */
  readonly lineEnd: string;
  /** Gives the id of a user who has just connected, and waits for the server's welcome. */
  arrive(user: User): Promise<void>;
  /** Says goodbye and ends the connection. */
  leave(user: User): void;
  /** Starts a private chat of two users; then each reads the other's lines. */
  pair(a: User, b: User): Promise<void>;
  /** `a` ends that chat. Undefined if the server's protocol has no end of a chat. */
  part?: ((a: User, b: User) => Promise<void>) | undefined;
  enterRoom(user: User): Promise<void>;
  /** Returns a line to the partner or to the room, as the bytes on the wire hold it. */
  line(text: string, to: User | 'room'): string;
}

const menuEnd = '4) Who is online\n';

/** docs/protocol.md. The threaded Python server speaks it too. */
const statechat: Dialect = {
  lineEnd: '\n',
  async arrive(user) {
    await user.until('Enter your user ID: ');
    user.send(`${user.id}\n`);
    await user.until(menuEnd);
  },
  leave(user) {
    user.send('2\n');
  },
  async pair(a, b) {
    a.send('1\n');
    await a.until('Enter user ID: ');
    a.send(`${b.id}\n`);
    await b.until('Accept? (y/n): ');
    b.send('y\n');
    await Promise.all([a.until('Type exit() to leave.\n'), b.until('Type exit() to leave.\n')]);
  },
  async part(a, b) {
    a.send('exit()\n');
    await Promise.all([a.until(menuEnd), b.until(menuEnd)]);
  },
  async enterRoom(user) {
    user.send('3\n');
    await user.until('Type exit() to leave.\n');
    await user.until('\n');
  },
  line: (text) => `${text}\n`,
};

/** `peers/relay.ts`: the first line gets an answer, the second one says to which user to relay. */
const relay: Dialect = {
  lineEnd: '\n',
  async arrive(user) {
    user.send(`${user.id}\n`);
    await user.until('welcome\n');
  },
  leave(user) {
    user.end();
  },
  async pair(a, b) {
    for (const user of [a, b]) user.send(`${a.id}\n`);
    await Promise.all([a.until('paired\n'), b.until('paired\n')]);
  },
  async enterRoom(user) {
    user.send('room\n');
    await user.until('joined\n');
  },
  line: (text) => `${text}\n`,
};

/** RFC 2812. It has no private chats that begin and end, so two users join and leave a channel. */
const irc: Dialect = {
  lineEnd: '\r\n',
  async arrive(user) {
    user.send(`NICK ${user.id}\r\nUSER ${user.id} 0 * :${user.id}\r\n`);
    await user.until(' 422 ');
    await user.until('\r\n');
  },
  leave(user) {
    user.send('QUIT\r\n');
  },
  async pair(a, b) {
    for (const user of [a, b]) {
      user.send(`JOIN #${a.id}\r\n`);
      await user.until(' 366 ');
      await user.until('\r\n');
    }
  },
  async part(a, b) {
    for (const user of [a, b]) {
      user.send(`PART #${a.id} :${user.id}\r\n`);
      await user.until(` PART #${a.id} :${user.id}\r\n`);
    }
  },
  async enterRoom(user) {
    user.send('JOIN #room\r\n');
    await user.until(' 366 ');
    await user.until('\r\n');
  },
  line: (text, to) => `PRIVMSG ${to === 'room' ? '#room' : to.id} :${text}\r\n`,
};

export const dialects = { statechat, relay, irc };

export type DialectName = keyof typeof dialects;
