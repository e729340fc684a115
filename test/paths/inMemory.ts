/**
 * A session in the real lobby, without a socket: a fake terminal above and a puppet directory below.
 *
 * Owns: the fake terminal, which drops what comes after the end as a connection does. Everything happens at once, so
 * when an input has been applied, all its output is there.
 */
import { SimulatedClock } from 'xstate';
import type { Directory, Notify } from '../../src/chat/directory/directory.ts';
import { Lobby } from '../../src/chat/lobby.ts';
import type { Session, SessionConnection } from '../../src/chat/session.ts';
import { createLog } from '../../src/runtime/log.ts';
import type { ConnectionUser } from '../../src/transport/connection.ts';
import { unlimited } from '../support/unlimited.ts';
import type { Input } from './alphabet.ts';
import { PuppetDirectory } from './puppet.ts';
import { labelOf } from './sessionGraph.ts';
import type { Output, Subject } from './subject.ts';

class FakeTerminal implements SessionConnection {
  readonly remoteAddress = 'nowhere';
  text = '';
  user: ConnectionUser | undefined;
  ended = false;
  readonly needsDrain = false;

  attach(user: ConnectionUser): void {
    this.user = user;
  }

  write(text: string): void {
    if (!this.ended) this.text += text;
  }

  end(): void {
    this.ended = true;
  }

  pause(): void {}

  resume(): void {}

  onceDrained(): void {}
}

export class InMemory implements Subject {
  readonly hasScreen = true;
  readonly #lobby: Lobby;
  #puppet: PuppetDirectory | undefined;
  #terminal = new FakeTerminal();
  #session: Session | undefined;
  #endSeen = false;

  constructor() {
    this.#lobby = new Lobby({
      ...unlimited,
      // Nobody is told who comes and goes, which is not the session's doing.
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
    this.#terminal = new FakeTerminal();
    this.#endSeen = false;
    this.#lobby.open(this.#terminal);
    this.#session = [...this.#lobby.sessions.values()].at(-1);
    return this.#take();
  }

  apply({ event }: Input): Output {
    if (event.type === 'connection.closed') this.#hangUp();
    else if (event.type !== 'line.received') this.#puppet?.say(this.#sessionId, event);
    else if (!this.#terminal.ended) this.#terminal.user?.lines(event.text);
    return this.#take();
  }

  state(): string {
    const actor = this.#session?.actor;
    return actor === undefined ? 'not started' : labelOf(actor.getSnapshot());
  }

  close(): void {
    this.#hangUp();
  }

  get #sessionId(): string {
    return this.#session?.id ?? '';
  }

  #hangUp(): void {
    const { user } = this.#terminal;
    this.#terminal.user = undefined;
    user?.closed();
  }

  #take(): Output {
    const { text, ended } = this.#terminal;
    this.#terminal.text = '';
    const output = {
      text,
      commands: this.#puppet?.takeCommands(this.#sessionId) ?? [],
      ended: ended && !this.#endSeen,
    };
    this.#endSeen = ended;
    return output;
  }
}
