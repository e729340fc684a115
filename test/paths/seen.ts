/**
 * What can be seen of a session from outside, and by what each of its states is recognised.
 *
 * Owns: the executors and assertions for the library's own test paths (`library.test.ts`): one executor for each type
 * of event, one assertion for each leaf state. The library ignores a missing one in silence, so types and a test check
 * that these two tables are complete.
 */
import type { SessionEvent } from '../../machines/session.machine.ts';
import {
  chatResumed,
  chatStarted,
  idPrompt,
  idTaken,
  lineNotUtf8,
  menu,
  partnerAway,
  partnerBack,
  proofPrompt,
  question,
  roomEmpty,
  roomJoined,
  stillWaiting,
  targetPrompt,
} from '../support/wireTexts.ts';
import { inputNamed, inputOf } from './alphabet.ts';
import { type Output, outputInWords, type Subject } from './subject.ts';

/** A subject, with what was seen of its dialogue so far. */
export class StateObserver {
  readonly #subject: Subject;
  /** All text that was shown. */
  #screen = '';
  /** The last command, if nothing was shown after it. */
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

  /** Expects that the screen ends with one of these texts, without a later command, and that the connection is open. */
  expectShown(...endings: readonly string[]): void {
    this.#expect(
      endings.some((ending) => this.#screen.endsWith(ending)) && this.#unanswered === '' && !this.#ended,
      `the screen to end with ${endings.map((ending) => JSON.stringify(ending)).join(' or ')}`,
    );
  }

  /** Expects this command as the last thing that happened, while the connection is open or after it has ended. */
  expectUnanswered(command: RegExp, isOver?: 'isOver'): void {
    this.#expect(
      command.test(this.#unanswered) && this.#ended === (isOver !== undefined),
      `${command} to be unanswered`,
    );
  }

  /** Expects an answer to a typed line: it says that the user waits for the target, not for the lobby. */
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
    // A line that was refused changes nothing: what stood on the screen before it still counts.
    this.#screen += output.text.replace(lineNotUtf8, '');
    if (output.text !== '') this.#unanswered = '';
    else this.#unanswered = output.commands.at(-1) ?? this.#unanswered;
    this.#ended ||= output.ended;
  }
}

/** For each type of event, gives it to the subject. */
export function executorsFor(
  observer: StateObserver,
): Record<SessionEvent['type'], (step: { event: SessionEvent }) => Promise<void>> {
  const apply = ({ event }: { event: SessionEvent }): Promise<void> => observer.apply(event);
  return {
    'line.received': apply,
    'line.refused': apply,
    'connection.closed': apply,
    'id.granted': apply,
    'id.refused': apply,
    'proof.required': apply,
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
    'partner.away': apply,
    'partner.back': apply,
    'away.ended': apply,
    'session.evicted': apply,
    'session.removed': apply,
    'server.closing': apply,
    'limit.reached': apply,
    'session.failed': apply,
  };
}

/** For each leaf state, how it is recognised from outside. */
export const recognisedBy: Readonly<Record<string, (observer: StateObserver) => void | Promise<void>>> = {
  'identifying.prompting': (it) => it.expectShown(idPrompt, idTaken),
  'identifying.claiming': (it) => it.expectUnanswered(/^id\.(claim|prove) /),
  'identifying.proving': (it) => it.expectShown(proofPrompt('lior')),
  'online.menu.choosing': (it) => it.expectShown(menu),
  'online.menu.moving': (it) => it.expectUnanswered(/^menu\.leave /),
  'online.requesting.naming': (it) => it.expectShown(targetPrompt),
  'online.requesting.looking': (it) => it.expectUnanswered(/^request\.make /),
  'online.requesting.awaiting.ringing': (it) => it.expectImpatience(),
  'online.requesting.awaiting.withdrawing': (it) => it.expectUnanswered(/^request\.withdraw$/),
  // The asker is unknown if the puppet has refused a move without a request.
  'online.confirming.answering': (it) => it.expectShown(question('')),
  'online.confirming.deciding': (it) => it.expectUnanswered(/^(request\.(accept|decline)|asker\.refuse) /),
  'online.chatting.talking': (it) => it.expectShown(chatStarted('golan'), chatResumed('golan'), partnerBack('golan')),
  'online.chatting.alone': (it) => it.expectShown(partnerAway('golan')),
  'online.chatting.leaving': (it) => it.expectUnanswered(/^chat\.leave /),
  'online.away': (it) => it.expectUnanswered(/^chat\.suspend /, 'isOver'),
  'online.commonRoom': (it) => it.expectShown(`${roomJoined}${roomEmpty}`),
  closed: (it) => it.expectEnded(),
};
