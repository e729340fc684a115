/**
 * A session in the real lobby, without a socket: a fake connection above and a puppet directory below.
 *
 * Owns: the lobby around the session. Everything happens at once, so all output of an input is there when the call
 * returns.
 */
import { SimulatedClock } from 'xstate';
import type { Directory, Notify } from '../../src/chat/directory/directory.ts';
import { Lobby } from '../../src/chat/lobby.ts';
import type { Session } from '../../src/chat/session.ts';
import type { Limits } from '../../src/config/limits.ts';
import { createLog } from '../../src/runtime/log.ts';
import { FakeConnection } from '../support/fakeConnection.ts';
import { unlimited } from '../support/unlimited.ts';
import { type Input, idTries } from './alphabet.ts';
import { PuppetDirectory } from './puppet.ts';
import { labelOf } from './sessionGraph.ts';
import type { Output, Subject } from './subject.ts';

/** A session that has just connected, and what is around it. */
interface Surroundings {
  readonly session: Session;
  readonly connection: FakeConnection;
  readonly clock: SimulatedClock;
  /** Somebody else who has typed a password for this id, and waits. */
  proving(id: string): FakeConnection;
}

export interface InMemoryOptions {
  limits?: Partial<Limits>;
  /** Fills what the session remembers beside its chart, before each dialogue. What is read meanwhile is not compared. */
  disturb?: (around: Surroundings) => void;
}

export class InMemory implements Subject {
  readonly hasScreen = true;
  readonly #clock = new SimulatedClock();
  readonly #disturb: InMemoryOptions['disturb'];
  readonly #lobby: Lobby;
  #puppet: PuppetDirectory | undefined;
  #connection = new FakeConnection();
  #session: Session | undefined;
  #endSeen = false;

  constructor({ limits, disturb }: InMemoryOptions = {}) {
    this.#disturb = disturb;
    this.#lobby = new Lobby({
      ...unlimited,
      idTries,
      ...limits,
      // No user reads who comes and goes, because these lines are not the session's own.
      announceLimit: 0,
      log: createLog('silent'),
      clock: this.#clock as never,
      // No verdict comes but the puppet's.
      names: { needsProof: () => false, isCertified: () => false, check: () => () => {} },
      createDirectory: (notify: Notify): Directory => {
        this.#puppet = new PuppetDirectory(notify);
        return this.#puppet;
      },
    });
    this.#puppet?.watchProofs(this.#lobby.actor);
  }

  reset(): Output {
    this.close();
    this.#connection = new FakeConnection();
    this.#endSeen = false;
    this.#lobby.open(this.#connection);
    const session = [...this.#lobby.sessions.values()].at(-1) as Session;
    this.#session = session;
    const first = this.#take();
    const proving = (id: string): FakeConnection => this.#proving(id);
    this.#disturb?.({ session, connection: this.#connection, clock: this.#clock, proving });
    this.#take();
    return first;
  }

  apply({ event }: Input): Output {
    if (event.type === 'connection.closed') this.#connection.hangUp();
    else if (event.type === 'line.refused') this.#connection.typeRefused(event.reason);
    else if (event.type !== 'line.received') this.#puppet?.say(this.#sessionId, event);
    else this.#connection.type(event.text);
    return this.#take();
  }

  state(): string {
    const actor = this.#session?.actor;
    return actor === undefined ? 'not started' : labelOf(actor.getSnapshot());
  }

  close(): void {
    this.#connection.hangUp();
  }

  #proving(id: string): FakeConnection {
    const connection = new FakeConnection();
    this.#lobby.open(connection);
    const session = [...this.#lobby.sessions.keys()].at(-1) as string;
    connection.type(id);
    this.#puppet?.say(session, { type: 'proof.required', id });
    connection.type('a password');
    if (this.#puppet?.takeCommands(session).at(-1) !== `id.prove ${id}`) throw new Error('No password was taken.');
    return connection;
  }

  get #sessionId(): string {
    return this.#session?.id ?? '';
  }

  #take(): Output {
    const { isEndedByServer } = this.#connection;
    const output = {
      text: this.#connection.read(),
      commands: this.#puppet?.takeCommands(this.#sessionId) ?? [],
      ended: isEndedByServer && !this.#endSeen,
    };
    this.#endSeen = isEndedByServer;
    return output;
  }
}
