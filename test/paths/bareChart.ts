/**
 * The session chart alone, without a lobby, a screen or a socket, as a subject of the generated tests.
 *
 * Owns: a session that records what the chart's actions do. It takes any machine, so it can run a chart that was broken
 * on purpose. The same function as in the server connects the actions.
 */
import { createActor, fromTransition } from 'xstate';
import type { Request } from '../../machines/lobby.machine.ts';
import { sessionMachine } from '../../machines/session.machine.ts';
import type { SessionActor } from '../../src/chat/session.ts';
import { connectSessionMachine, type SessionSide, withIdTries } from '../../src/chat/sessionActions.ts';
import { replies } from '../../src/protocol/replies.ts';
import { type Input, idTries, isPersons } from './alphabet.ts';
import { surroundings } from './puppet.ts';
import { labelOf } from './sessionGraph.ts';
import { type Output, type Subject, wordsOf } from './subject.ts';

export class BareChart implements Subject {
  readonly hasScreen = false;
  readonly #machine: typeof sessionMachine;
  #actor: SessionActor | undefined;
  // What the chart has done so far at this input.
  #text = '';
  #commands: string[] = [];
  #wiring: string[] = [];
  #ended = false;
  /** True from the moment when the connection has ended. */
  #isOver = false;

  constructor(machine: typeof sessionMachine = sessionMachine) {
    const lobby = createActor(
      fromTransition((_, { session, ...command }: Request) => {
        this.#commands.push(wordsOf(command));
        return null;
      }, null),
    ).start();
    const side = this.#side();
    this.#machine = connectSessionMachine(
      () => lobby as never,
      () => side,
      withIdTries(idTries, machine),
    );
  }

  reset(): Output {
    this.close();
    this.#take();
    this.#isOver = false;
    this.#actor = createActor(this.#machine, { id: 'session' });
    this.#actor.subscribe({ error: (error) => this.#wiring.push(`fails: ${error}`) });
    this.#actor.start();
    return this.#take();
  }

  apply(input: Input): Output {
    const { event } = input;
    if (this.#isOver && isPersons(input)) return this.#take();
    if (this.#actor?.getSnapshot().status === 'active') this.#actor.send(event);
    return this.#take();
  }

  state(): string {
    return this.#actor === undefined ? 'not started' : labelOf(this.#actor.getSnapshot());
  }

  close(): void {
    if (this.#actor?.getSnapshot().status === 'active') this.#actor.stop();
  }

  #take(): Output {
    const output = { text: this.#text, commands: this.#commands, wiring: this.#wiring, ended: this.#ended };
    this.#text = '';
    this.#commands = [];
    this.#wiring = [];
    this.#ended = false;
    return output;
  }

  #side(): SessionSide {
    const say: SessionSide['say'] = (reply, { userId, partner }, event) => {
      // Nobody is there who could read it.
      if (this.#isOver) return;
      // What is said behind a prompt begins on a line of its own.
      if (this.#text !== '' && !this.#text.endsWith('\n')) this.#text += '\n';
      this.#text += replies[reply]({ userId, partner, event, ...surroundings });
    };
    return {
      say,
      interject: say,
      noteLimit: (limit) => this.#wiring.push(`limit ${limit}`),
      hearPresence: () => this.#wiring.push('hears presence'),
      mutePresence: () => this.#wiring.push('hears presence no more'),
      openChatChannel: ({ partner, pairingId }) => this.#wiring.push(`chat with ${partner} #${pairingId} open`),
      channel: { hold: () => this.#wiring.push('lines held') },
      openRoomChannel: () => this.#wiring.push('room channel open'),
      closeChannel: () => this.#wiring.push('channel closed'),
      hangUp: () => {
        this.#ended = !this.#isOver;
        this.#isOver = true;
      },
    };
  }
}
