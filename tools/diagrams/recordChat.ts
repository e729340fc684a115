/**
 * One private chat as it really goes: who tells whom what, from the request to the way back to the menu.
 *
 * Owns: two people at a lobby in memory, what they type, and the record of it. Everything recorded is what the running program
 * said; only the typed lines stand here. Updates wait until whoever caused them has finished, so that the record has one thing
 * after the other. Next: `sequence.ts` (which draws it), `src/chat/lobby.ts`.
 */
import pino from 'pino';
import { SimulatedClock } from 'xstate';
import type { SessionId, SessionUpdate } from '../../machines/events.ts';
import type { Directory, Notify } from '../../src/chat/directory/directory.ts';
import { MemoryDirectory } from '../../src/chat/directory/memoryDirectory.ts';
import { Lobby } from '../../src/chat/lobby.ts';
import { limits } from '../../src/config/limits.ts';
import { FakeConnection } from '../../test/support/fakeConnection.ts';

/** `typed` and `read` pass between a person and their session, `request` and `update` between a session and the lobby, `channel` between sessions. */
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

/** From the menu, where both are, and back to it. */
const script: readonly (readonly [person: string, line: string])[] = [
  [asker, '1'],
  [asker, asked],
  [asked, 'y'],
  [asker, 'hey how are u?'],
  [asked, 'fine, and you?'],
  [asked, 'exit()'],
];

export function recordChat(): Recording {
  const recorder = new Recorder();
  for (const person of [asker, asked]) recorder.enter(person);
  recorder.begin();
  for (const [person, line] of script) recorder.type(person, line);
  return {
    parties: [asker, sessionOf(asker), 'lobby', sessionOf(asked), asked],
    steps: recorder.steps,
  };
}

function sessionOf(person: string): string {
  return `${person}'s session`;
}

class Recorder {
  steps: Step[] = [];
  readonly #lobby: Lobby;
  readonly #connections = new Map<string, FakeConnection>();
  readonly #people = new Map<SessionId, string>();
  readonly #states = new Map<SessionId, string>();
  #notify: Notify = () => {};
  readonly #updates: { to: SessionId; update: SessionUpdate }[] = [];

  constructor() {
    this.#lobby = new Lobby({
      ...limits,
      log: pino({ level: 'silent' }),
      clock: new SimulatedClock(),
      createDirectory: (notify) => this.#recorded(notify),
    });
  }

  enter(person: string): void {
    const connection = new FakeConnection();
    connection.onWrite = (text) => {
      for (const line of linesOf(text)) this.#note('read', sessionOf(person), person, line);
    };
    this.#connections.set(person, connection);
    const before = new Set(this.#lobby.sessions.keys());
    this.#lobby.open(connection);
    for (const id of this.#lobby.sessions.keys()) if (!before.has(id)) this.#people.set(id, person);
    this.type(person, person);
  }

  /** What was before is of no interest, but for the states. */
  begin(): void {
    this.steps = [...this.#people].map(([id, person]) => ({
      kind: 'state',
      at: sessionOf(person),
      text: this.#states.get(id) ?? '',
    }));
    for (const [id, person] of this.#people) this.#listenToChannel(id, person);
  }

  type(person: string, line: string): void {
    this.#note('typed', person, sessionOf(person), line);
    const [id = ''] = [...this.#people].find(([, who]) => who === person) ?? [];
    this.#watch(id, () => this.#connections.get(person)?.type(line));
    for (let next = this.#updates.shift(); next !== undefined; next = this.#updates.shift()) this.#deliver(next);
  }

  /** The directory that the lobby gets: the one of the server, overheard. */
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

  #deliver({ to, update }: { to: SessionId; update: SessionUpdate }): void {
    this.#note('update', 'lobby', this.#nameOf(to), update.type);
    this.#watch(to, () => this.#notify(to, update));
  }

  #listenToChannel(to: SessionId, person: string): void {
    const session = this.#lobby.sessions.get(to);
    if (session === undefined) return;
    const other = person === asker ? asked : asker;
    const receive = session.channel.receive.bind(session.channel);
    session.channel.receive = (pairingId, line) => {
      this.#note('channel', sessionOf(other), sessionOf(person), line.trim());
      receive(pairingId, line);
    };
  }

  /** The state that something leads to stands before what is said on the way there. */
  #watch(id: SessionId, cause: () => void): void {
    const start = this.steps.length;
    cause();
    const state = stateName(this.#lobby.sessions.get(id)?.actor?.getSnapshot().value);
    if (state === this.#states.get(id)) return;
    this.#states.set(id, state);
    this.steps.splice(start, 0, { kind: 'state', at: this.#nameOf(id), text: state });
  }

  #nameOf(id: SessionId): string {
    return sessionOf(this.#people.get(id) ?? id);
  }

  #note(kind: StepKind, from: string, to: string, text: string): void {
    this.steps.push({ kind, from, to, text });
  }
}

/** The lines of the menu are known after the first. */
function linesOf(text: string): string[] {
  const lines = text.split('\n').map((line) => line.trim());
  return lines
    .filter((line) => line !== '' && !/^\d\)/.test(line))
    .map((line) => (line === 'Menu:' ? 'Menu: …' : line));
}

/** `{ online: { menu: 'choosing' } }` as `menu.choosing`; both are online all the time. */
function stateName(value: unknown): string {
  const path: string[] = [];
  for (let rest = value; rest !== undefined; ) {
    const [name, inner] = typeof rest === 'string' ? [rest, undefined] : (Object.entries(rest as object)[0] ?? []);
    if (name !== undefined && name !== 'online') path.push(name);
    rest = inner;
  }
  return path.join('.');
}
