/**
 * Users at a lobby without sockets, each at a fake connection.
 *
 * Owns: a lobby on a virtual clock, the usual ways into a chat there, and a directory whose updates come late. Must not
 * know how the server transports lines. Next: `fakeConnection.ts`.
 */
import pino from 'pino';
import { SimulatedClock } from 'xstate';
import type { DirectoryUpdate, SessionId } from '../../machines/events.ts';
import type { Directory, Notify } from '../../src/chat/directory/directory.ts';
import { MemoryDirectory } from '../../src/chat/directory/memoryDirectory.ts';
import { Lobby, type LobbyOptions } from '../../src/chat/lobby.ts';
import { FakeConnection } from './fakeConnection.ts';
import { rowNamed } from './rowNamed.ts';
import { unlimited } from './unlimited.ts';

/** A lobby to which users can connect. */
export class Gathering {
  readonly clock = new SimulatedClock();
  readonly lobby: Lobby;
  /** All that was logged as an error or worse. */
  readonly errors: Record<string, unknown>[] = [];

  constructor(options: Partial<LobbyOptions> = {}) {
    const log = pino({ level: 'error' }, { write: (text: string) => this.errors.push(JSON.parse(text)) });
    this.lobby = new Lobby({ ...unlimited, log, clock: this.clock, ...options });
  }

  /** Returns a user at the first prompt. `before` gets their connection before it is opened. */
  connect(before: (terminal: FakeConnection) => void = () => {}): FakeConnection {
    const terminal = new FakeConnection();
    before(terminal);
    this.lobby.open(terminal);
    return terminal;
  }

  /** Returns these users in the menu. They have read everything up to now. */
  gather(...ids: string[]): FakeConnection[] {
    const terminals = ids.map((id) => {
      const terminal = this.connect();
      terminal.type(id);
      return terminal;
    });
    for (const terminal of terminals) terminal.read();
    return terminals;
  }

  /** Returns the rows of the directory: `lior: chatting with golan`. */
  rows(): string[] {
    const rows = [...this.lobby.directory.rows()];
    return rows.map(({ id, state, partner }) => `${id}: ${state}${partner === undefined ? '' : ` with ${partner}`}`);
  }

  /** Returns the state of the chart of an id's session: `menu.choosing`. */
  placeOf(id: string): string | undefined {
    const row = rowNamed(this.lobby.directory, id);
    const value = row && this.lobby.sessions.get(row.session)?.actor?.getSnapshot().value;
    return value && JSON.stringify(value).replace(/["{}]/g, '').replaceAll(':', '.').replace('online.', '');
  }
}

export interface Trio {
  all: Gathering;
  lior: FakeConnection;
  golan: FakeConnection;
  noa: FakeConnection;
}

/** Returns three users in the menu. */
export function gatherThree(options: Partial<LobbyOptions> = {}): Trio {
  const all = new Gathering(options);
  const [lior, golan, noa] = all.gather('lior', 'golan', 'noa') as [FakeConnection, FakeConnection, FakeConnection];
  return { all, lior, golan, noa };
}

/** Forgets what they have read up to now. */
export function forget({ lior, golan, noa }: Trio): void {
  for (const user of [lior, golan, noa]) user.read();
}

/** From the menu: the asker waits for the target's answer. */
export function ask(asker: FakeConnection, targetId: string): void {
  asker.type('1', targetId);
}

/** From the menu: two are in a chat. */
export function startChat(asker: FakeConnection, target: FakeConnection, targetId: string): void {
  ask(asker, targetId);
  target.type('y');
}

/** A directory that decides at once, but whose updates wait until the test lets them through, in order. */
export class LateUpdates {
  /** False while updates wait. */
  isPrompt = true;
  readonly #waiting: { to: SessionId; update: DirectoryUpdate }[] = [];
  #notify: Notify = () => {};

  /** For the lobby's options. */
  readonly createDirectory = (notify: Notify): Directory => {
    this.#notify = notify;
    return new MemoryDirectory((to, update) => {
      if (this.isPrompt) notify(to, update);
      else this.#waiting.push({ to, update });
    });
  };

  /** The types of the updates that wait, oldest first. */
  get waiting(): string[] {
    return this.#waiting.map(({ update }) => update.type);
  }

  /** Lets the oldest update through, and all that the session does with it. */
  async deliver(): Promise<void> {
    const next = this.#waiting.shift();
    if (next === undefined) throw new Error('No update wait.');
    this.#notify(next.to, next.update);
    await endOfTurn();
  }

  /** Holds the oldest update back while later ones, to others, go through. Returns a function that lets it follow. */
  holdBack(): () => void {
    const held = this.#waiting.shift();
    return () => {
      if (held) this.#notify(held.to, held.update);
    };
  }

  /** Lets all updates through, also those that they cause. */
  async deliverAll(): Promise<void> {
    while (this.#waiting.length > 0) await this.deliver();
  }

  /** Sends an update that this directory has not decided, as if it came from another server. */
  notify(to: SessionId, update: DirectoryUpdate): void {
    this.#notify(to, update);
  }
}

export type LateTrio = Trio & { late: LateUpdates };

/** Returns three users in the menu. Updates come at once during `before`, and late after it. */
export function gatherLate(before: (trio: Trio) => void = () => {}): LateTrio {
  const late = new LateUpdates();
  const trio = gatherThree({ createDirectory: late.createDirectory });
  before(trio);
  forget(trio);
  late.isPrompt = false;
  return { ...trio, late };
}

/** Resolves when everything that was delayed to the end of this turn is done. */
export function endOfTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
