/**
 * What somebody outside sees of a session, and by what they recognise each of its states.
 *
 * Owns: the executors and assertions for the library's own test paths (`library.test.ts`): one executor for each type of
 * event, one assertion for each leaf state. The library passes silently over any that is missing; these two tables are
 * checked for that, by their types and by the test.
 */
import type { SessionEvent } from '../../machines/session.machine.ts';
import {
  chatStarted,
  idPrompt,
  idTaken,
  menu,
  question,
  roomEmpty,
  roomJoined,
  stillWaiting,
  targetPrompt,
} from '../support/wireTexts.ts';
import { inputNamed, inputOf } from './alphabet.ts';
import { type Output, outputInWords, type Subject } from './subject.ts';

/** A subject together with what has been seen of its present dialogue. */
export class StateObserver {
  readonly #subject: Subject;
  /** All that was shown. */
  #screen = '';
  /** The command that was given last, if nothing has been shown since. */
  #unanswered = '';
  #ended = false;
  #outputs: string[] = [];

  constructor(subject: Subject) {
    this.#subject = subject;
  }

  async connect(): Promise<void> {
    this.#screen = '';
    this.#unanswered = '';
    this.#ended = false;
    this.#outputs = [];
    this.#see('(connects)', await this.#subject.reset());
  }

  async apply(event: SessionEvent): Promise<void> {
    const input = inputOf(event);
    if (input === undefined) throw new Error(`The library made up an event: ${JSON.stringify(event)}.`);
    this.#see(input.label, await this.#subject.apply(input));
  }

  /** The screen ends with one of these texts, nothing was asked of the directory since, and the connection stands. */
  expectShown(...endings: readonly string[]): void {
    this.#expect(
      endings.some((ending) => this.#screen.endsWith(ending)) && this.#unanswered === '' && !this.#ended,
      `the screen to end with ${endings.map((ending) => JSON.stringify(ending)).join(' or ')}`,
    );
  }

  /** The last thing that happened is this command. */
  expectUnanswered(command: RegExp): void {
    this.#expect(command.test(this.#unanswered) && !this.#ended, `${command} to be unanswered`);
  }

  /** Whoever waits for the other one's answer, and not for the lobby's, is answered when they type. */
  async expectImpatience(): Promise<void> {
    await this.apply(inputNamed('hello').event);
    this.expectShown(stillWaiting);
  }

  expectEnded(): void {
    this.#expect(this.#ended, 'the connection to be over');
  }

  #expect(isSo: boolean, what: string): void {
    if (!isSo) throw new Error(`Expected ${what}, but saw:\n${this.#outputs.join('\n')}\n`);
  }

  #see(input: string, output: Output): void {
    this.#outputs.push(`  ${input} → ${outputInWords(output)}`);
    this.#screen += output.text;
    if (output.text !== '') this.#unanswered = '';
    else this.#unanswered = output.commands.at(-1) ?? this.#unanswered;
    this.#ended ||= output.ended;
  }
}

/** Does to the subject what each type of event is. */
export function executorsFor(
  observer: StateObserver,
): Record<SessionEvent['type'], (step: { event: SessionEvent }) => Promise<void>> {
  const apply = ({ event }: { event: SessionEvent }): Promise<void> => observer.apply(event);
  return {
    'line.received': apply,
    'connection.closed': apply,
    'id.granted': apply,
    'id.refused': apply,
    'move.granted': apply,
    'move.refused': apply,
    'request.received': apply,
    'request.delivered': apply,
    'request.refused': apply,
    'request.declined': apply,
    'request.expired': apply,
    'request.withdrawn': apply,
    'chat.started': apply,
    'chat.ended': apply,
    'session.evicted': apply,
    'server.closing': apply,
    'limit.reached': apply,
  };
}

/** By what each leaf state is recognised from outside. */
export const recognisedBy: Readonly<Record<string, (observer: StateObserver) => void | Promise<void>>> = {
  'identifying.prompting': (it) => it.expectShown(idPrompt, idTaken),
  'identifying.claiming': (it) => it.expectUnanswered(/^id\.claim /),
  'online.menu.choosing': (it) => it.expectShown(menu),
  'online.menu.moving': (it) => it.expectUnanswered(/^menu\.leave /),
  'online.requesting.naming': (it) => it.expectShown(targetPrompt),
  'online.requesting.looking': (it) => it.expectUnanswered(/^request\.make /),
  'online.requesting.awaiting.ringing': (it) => it.expectImpatience(),
  'online.requesting.awaiting.withdrawing': (it) => it.expectUnanswered(/^request\.withdraw$/),
  // Who asks is not known where the puppet has refused a move without a request.
  'online.confirming.answering': (it) => it.expectShown(question('')),
  'online.confirming.deciding': (it) => it.expectUnanswered(/^request\.(accept|decline) /),
  'online.chatting.talking': (it) => it.expectShown(chatStarted('golan')),
  'online.chatting.leaving': (it) => it.expectUnanswered(/^chat\.leave /),
  'online.commonRoom': (it) => it.expectShown(`${roomJoined}${roomEmpty}`),
  closed: (it) => it.expectEnded(),
};
