/**
 * One private chat as the program runs it: all messages, from the request to the way back to the menu.
 *
 * Owns: two users at a lobby in memory, what they type, and the record of it. Only the typed lines are written here;
 * all else comes from the running program. An update waits until the session that caused it has finished, so that the
 * record has one thing after the other.
 * Next: `sequence.ts` (which draws it), `src/chat/lobby.ts`.
 */
import pino from 'pino';
import { SimulatedClock } from 'xstate';
import type { DirectoryUpdate, SessionId } from '../../machines/events.ts';
import type { Directory, Notify } from '../../src/chat/directory/directory.ts';
import { MemoryDirectory } from '../../src/chat/directory/memoryDirectory.ts';
import { Lobby } from '../../src/chat/lobby.ts';
import { limits } from '../../src/config/limits.ts';
import { FakeConnection } from '../../test/support/fakeConnection.ts';

/**
 * `typed` and `read` go between a user and their session, `request` and `update` between a session and the lobby,
 * `channel` between sessions.
 */
type StepKind = 'typed' | 'read' | 'request' | 'update' | 'channel';

export type Step =
  | { kind: StepKind; from: string; to: string; text: string }
  | { kind: 'state'; at: string; text: string };

export interface Recording {
  /** From left to right. */
  parties: readonly string[];
  steps: readonly Step[];
}

const asker = 'lior';
const asked = 'golan';

/** What the two users type: both begin in the menu, and are back in it at the end. */
const script: readonly (readonly [user: string, line: string])[] = [
  [asker, '1'],
  [asker, asked],
  [asked, 'y'],
  [asker, 'hey how are u?'],
  [asked, 'fine, and you?'],
  [asked, 'exit()'],
];

export function recordChat(): Recording {
  const recorder = new Recorder();
  for (const user of [asker, asked]) recorder.enter(user);
  recorder.begin();
  for (const [user, line] of script) recorder.type(user, line);
  return {
    parties: [asker, sessionOf(asker), 'lobby', sessionOf(asked), asked],
    steps: recorder.steps,
  };
}

function sessionOf(user: string): string {
  return `${user}'s session`;
}

class Recorder {
  steps: Step[] = [];
  readonly #lobby: Lobby;
  readonly #connections = new Map<string, FakeConnection>();
  readonly #users = new Map<SessionId, string>();
  readonly #states = new Map<SessionId, string>();
  #notify: Notify = () => {};
  readonly #updates: { to: SessionId; update: DirectoryUpdate }[] = [];

  constructor() {
    this.#lobby = new Lobby({
      ...limits,
      log: pino({ level: 'silent' }),
      clock: new SimulatedClock(),
      createDirectory: (notify) => this.#recorded(notify),
    });
  }

  enter(user: string): void {
    const connection = new FakeConnection();
    connection.onWrite = (text) => {
      for (const line of linesOf(text)) this.#note('read', sessionOf(user), user, line);
    };
    this.#connections.set(user, connection);
    const before = new Set(this.#lobby.sessions.keys());
    this.#lobby.open(connection);
    for (const id of this.#lobby.sessions.keys()) if (!before.has(id)) this.#users.set(id, user);
    this.type(user, user);
  }

  /** Forgets what was recorded so far, except the states. */
  begin(): void {
    this.steps = [...this.#users].map(([id, user]) => ({
      kind: 'state',
      at: sessionOf(user),
      text: this.#states.get(id) ?? '',
    }));
    for (const [id, user] of this.#users) this.#listenToChannel(id, user);
  }

  type(user: string, line: string): void {
    this.#note('typed', user, sessionOf(user), line);
    const [id = ''] = [...this.#users].find(([, who]) => who === user) ?? [];
    this.#watch(id, () => this.#connections.get(user)?.type(line));
    for (let next = this.#updates.shift(); next !== undefined; next = this.#updates.shift()) this.#deliver(next);
  }

  /** Returns the lobby's directory: the one of the server, with a record of its commands and updates. */
  #recorded(notify: Notify): Directory {
    this.#notify = notify;
    const directory = new MemoryDirectory((to, update) => this.#updates.push({ to, update }));
    const send = directory.send.bind(directory);
    directory.send = (from, command) => {
      this.#note('request', this.#nameOf(from), 'lobby', command.type);
      send(from, command);
    };
    return directory;
  }

  #deliver({ to, update }: { to: SessionId; update: DirectoryUpdate }): void {
    this.#note('update', 'lobby', this.#nameOf(to), update.type);
    this.#watch(to, () => this.#notify(to, update));
  }

  #listenToChannel(to: SessionId, user: string): void {
    const session = this.#lobby.sessions.get(to);
    if (session === undefined) return;
    const other = user === asker ? asked : asker;
    const receive = session.channel.receive.bind(session.channel);
    session.channel.receive = (pairingId, line) => {
      this.#note('channel', sessionOf(other), sessionOf(user), line.trim());
      receive(pairingId, line);
    };
  }

  /** Records the new state before what was said on the way to it. */
  #watch(id: SessionId, cause: () => void): void {
    const start = this.steps.length;
    cause();
    const state = stateName(this.#lobby.sessions.get(id)?.actor?.getSnapshot().value);
    if (state === this.#states.get(id)) return;
    this.#states.set(id, state);
    this.steps.splice(start, 0, { kind: 'state', at: this.#nameOf(id), text: state });
  }

  #nameOf(id: SessionId): string {
    return sessionOf(this.#users.get(id) ?? id);
  }

  #note(kind: StepKind, from: string, to: string, text: string): void {
    this.steps.push({ kind, from, to, text });
  }
}

/** Returns the lines of a text. Of the menu it keeps only the first one. */
function linesOf(text: string): string[] {
  const lines = text.split('\n').map((line) => line.trim());
  return lines
    .filter((line) => line !== '' && !/^\d\)/.test(line))
    .map((line) => (line === 'Menu:' ? 'Menu: …' : line));
}

/** Returns `{ online: { menu: 'choosing' } }` as `menu.choosing`; both users are online all the time. */
function stateName(value: unknown): string {
  const path: string[] = [];
  for (let rest = value; rest !== undefined; ) {
    const [name, inner] = typeof rest === 'string' ? [rest, undefined] : (Object.entries(rest as object)[0] ?? []);
    if (name !== undefined && name !== 'online') path.push(name);
    rest = inner;
  }
  return path.join('.');
}
