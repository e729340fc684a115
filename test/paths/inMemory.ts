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
import { createLog } from '../../src/runtime/log.ts';
import { FakeConnection } from '../support/fakeConnection.ts';
import { unlimited } from '../support/unlimited.ts';
import type { Input } from './alphabet.ts';
import { PuppetDirectory } from './puppet.ts';
import { labelOf } from './sessionGraph.ts';
import type { Output, Subject } from './subject.ts';

export class InMemory implements Subject {
  readonly hasScreen = true;
  readonly #lobby: Lobby;
  #puppet: PuppetDirectory | undefined;
  #connection = new FakeConnection();
  #session: Session | undefined;
  #endSeen = false;

  constructor() {
    this.#lobby = new Lobby({
      ...unlimited,
      // No user reads who comes and goes, because these lines are not the session's own.
      announceLimit: 0,
      log: createLog('silent'),
      clock: new SimulatedClock() as never,
      createDirectory: (notify: Notify): Directory => {
        this.#puppet = new PuppetDirectory(notify);
        return this.#puppet;
      },
    });
  }

  reset(): Output {
    this.close();
    this.#connection = new FakeConnection();
    this.#endSeen = false;
    this.#lobby.open(this.#connection);
    this.#session = [...this.#lobby.sessions.values()].at(-1);
    return this.#take();
  }

  apply({ event }: Input): Output {
    if (event.type === 'connection.closed') this.#connection.hangUp();
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
