/**
 * Where in the dialogue the person is, as far as the client can tell from what is read and typed.
 *
 * Owns: one run of the dialogue chart (`machines/protocol.machine.ts`) beside each connection, and the ids that were read. All that
 * the client knows of the protocol comes from that chart and from `src/protocol/sentences.ts`. Other servers say other things:
 * then it knows nothing until it reads something familiar again, and everything that needs it is off. It never delays anything.
 */
import { type SnapshotFrom, transition } from 'xstate';
import type { ClientEvent } from '../../machines/clientEvents.ts';
import { type DialogueEvent, protocolMachine } from '../../machines/protocol.machine.ts';
import { readSentences, type Sentence, skipUnknownLine } from '../protocol/sentences.ts';

/** Said before the dialogue, where a server has a password gate; see docs/protocol.md. */
const passwordPrompt = 'Password: ';

/** Lines typed ahead that are remembered. After more than these the tracker waits for something familiar. */
const maxLinesAhead = 100;
/** Text that is no sentence yet, in UTF-16 units. */
const maxRestLength = 10_000;
/** Ids that are remembered. */
const maxIds = 1000;
/** What ends without a line feed. */
const prompts: readonly Sentence['type'][] = [
  ...(['read.idPrompt', 'read.idTaken', 'read.proofPrompt', 'read.targetPrompt', 'read.question'] as const),
];
/** A line that nobody types. */
const noWord = '\u0000';
/** What people type, apart from ids and messages. The chart says in which state each of them means something. */
const words = ['1', '2', '3', '4', 'y', 'n', 'never', 'exit()'];

type DialogueState = SnapshotFrom<typeof protocolMachine>;

/** What the server wants or has done, for the client's chart. */
export type TrackerEvent = Extract<
  ClientEvent,
  {
    type:
      | 'server.askedForId'
      | 'server.askedForPassword'
      | 'id.accepted'
      | 'turn.changed'
      | 'reply.awaited'
      | 'reply.received'
      | 'request.sent'
      | 'request.answered';
  }
>;

/** After these, without the person's doing, a line means something else. */
const turns: readonly Sentence['type'][] = ['read.question', 'read.partnerLeft', 'read.askerWithdrew', 'read.expired'];
/** Where a user was asked for a chat and has not answered. */
const asking = ['asking', 'impatient', 'withdrawing'];

export class DialogueTracker {
  readonly #ids = new Set<string>();
  #state: DialogueState = protocolMachine.resolveState({ value: 'connected', context: { id: '', partner: '' } });
  #beforeLine: DialogueState = this.#state;
  /** False after something that the chart doesn't allow: until the next menu. */
  #isSure = true;
  #rest = '';
  /** The prompt that was read last: after a line that was refused, it comes again. */
  #prompt: Sentence['type'] | undefined;
  /** The latest sentence asks for the password of an id, and nothing was typed behind it. */
  #isProofAsked = false;
  #ahead: string[] = [];
  #events: TrackerEvent[] = [];

  /** Takes the server's next text in, and returns what it means to the client's chart. */
  read(text: string): TrackerEvent[] {
    const asked = this.asksForPassword;
    this.#rest += text;
    for (;;) {
      const { sentences, rest } = readSentences(this.#rest);
      for (const sentence of sentences) this.#take(sentence);
      this.#rest = skipUnknownLine(rest);
      if (this.#rest === rest) break;
    }
    this.#rest = this.#rest.slice(-maxRestLength);
    if (this.asksForPassword && !asked) this.#events.push({ type: 'server.askedForPassword' });
    return this.#events.splice(0);
  }

  /** Takes a line in that was sent to the server, and returns what it means to the client's chart. */
  typed(line: string): TrackerEvent[] {
    if (this.#isAtGate) {
      this.#rest = '';
      return [];
    }
    // Which password it was makes no difference, and nothing keeps it.
    this.#ahead.push(this.asksForPassword ? '' : line);
    if (this.#ahead.length > maxLinesAhead) this.#loseTrack();
    this.#isProofAsked = false;
    this.#takeLinesAhead();
    return this.#events.splice(0);
  }

  /** What is typed now is a password. */
  get asksForPassword(): boolean {
    if (this.#isAtGate) return true;
    // In doubt, what is typed behind these words is hidden.
    if (!this.#isSure || this.#state.value === 'connected') return this.#isProofAsked;
    return this.#state.hasTag('secret') && this.#ahead.length === 0;
  }

  get #isAtGate(): boolean {
    return this.#state.value === 'connected' && this.#rest.endsWith(passwordPrompt);
  }

  /** True while lines go to other people. */
  get isTalking(): boolean {
    return this.#isSure && (this.#state.value === 'chatting' || this.#state.value === 'commonRoom');
  }

  /** True in the menu, with nothing typed that is still to be answered. */
  get isFree(): boolean {
    return this.#isSure && this.#state.value === 'menu' && this.#ahead.length === 0;
  }

  /** The user whose question waits for the person's answer; empty if nobody's does. */
  get asker(): string {
    return this.#isSure && this.#state.value === 'asked' ? this.#state.context.partner : '';
  }

  /** The person's own id, if it is known. */
  get id(): string {
    return this.#state.context.id;
  }

  /** What the typed beginning of a line could become, where that means something. */
  completions(beginning: string): string[] {
    if (!this.#isSure || this.#state.hasTag('replyPending')) return [];
    const otherwise = this.#after(noWord);
    const candidates = words.filter((word) => this.#after(word).value !== otherwise.value);
    // Any line that is typed here names a user.
    if (otherwise.context.partner === noWord) candidates.push(...[...this.#ids].filter((id) => id !== this.id).sort());
    return candidates.filter((each) => each.toLowerCase().startsWith(beginning.toLowerCase()));
  }

  #take(sentence: Sentence): void {
    this.#isProofAsked = sentence.type === 'read.proofPrompt';
    this.#remember(sentence);
    if (sentence.type === 'read.menu') this.#forgetLinesBefore(sentence);
    if (sentence.type === 'read.lineRefused') {
      // What was typed last counts for nothing.
      this.#enter(this.#beforeLine);
      return;
    }
    const before = this.#state;
    if (prompts.includes(sentence.type)) {
      if (sentence.type === this.#prompt && !isAllowed(before, sentence)) return;
      this.#prompt = sentence.type;
    }
    // What is said at the gate is no part of the dialogue, which begins behind it.
    if (before.value === 'connected' && sentence.type !== 'read.menu' && !isAllowed(before, sentence)) return;
    if (!isAllowed(before, sentence)) {
      this.#loseTrack();
      if (sentence.type !== 'read.menu') return;
      this.#isSure = true;
      this.#enter(protocolMachine.resolveState({ value: 'menu', context: before.context }));
    } else this.#step(sentence);
    // What has led elsewhere has interrupted nothing: the same prompt means something new.
    if (this.#state.value !== before.value && !prompts.includes(sentence.type)) this.#prompt = undefined;
    if (turns.includes(sentence.type) && before.value !== 'unclear') this.#events.push({ type: 'turn.changed' });
    if (['claiming', 'proved'].includes(before.value) && ['menu', 'chatting'].includes(this.#state.value))
      this.#events.push({ type: 'id.accepted', id: this.id });
    if (sentence.type === 'read.idPrompt') this.#events.push({ type: 'server.askedForId' });
    this.#takeLinesAhead();
  }

  /** After a menu that nobody had to expect, nothing that was typed before is still to be answered. */
  #forgetLinesBefore(sentence: Sentence): void {
    if (!this.#isSure || !isAllowed(this.#state, sentence)) this.#ahead = [];
  }

  /** The server takes what was typed ahead as soon as no reply is pending. */
  #takeLinesAhead(): void {
    while (this.#isSure && this.#ahead.length > 0 && !this.#state.hasTag('replyPending')) {
      this.#beforeLine = this.#state;
      this.#step({ type: 'line.typed', text: this.#ahead.shift() ?? '' });
    }
  }

  #loseTrack(): void {
    this.#isSure = false;
    this.#ahead = [];
    // Nothing that was waited for will be recognised.
    if (this.#state.hasTag('replyPending')) this.#events.push({ type: 'reply.received' });
    if (asking.includes(this.#state.value)) this.#events.push({ type: 'request.answered' });
  }

  #step(event: DialogueEvent): void {
    this.#enter(transition(protocolMachine, this.#state, event)[0]);
  }

  /** Goes to a state, and tells the client's chart what has begun or ended by that. */
  #enter(state: DialogueState): void {
    const before = this.#state;
    this.#state = state;
    const wasPending = before.hasTag('replyPending');
    const isPending = state.hasTag('replyPending');
    if (isPending !== wasPending) this.#events.push({ type: isPending ? 'reply.awaited' : 'reply.received' });
    const wasAsking = asking.includes(before.value);
    const isAsking = asking.includes(state.value);
    if (isAsking && !wasAsking) this.#events.push({ type: 'request.sent', partner: state.context.partner });
    if (wasAsking && !isAsking) this.#events.push({ type: 'request.answered' });
  }

  #after(line: string): DialogueState {
    return transition(protocolMachine, this.#state, { type: 'line.typed', text: line })[0];
  }

  #remember(sentence: Sentence): void {
    if (!('id' in sentence)) return;
    if (sentence.type === 'read.disconnected') this.#ids.delete(sentence.id);
    else if (this.#ids.size < maxIds) this.#ids.add(sentence.id);
  }
}

/** Also true where the chart has a transition that changes nothing. */
function isAllowed(state: DialogueState, sentence: Sentence): boolean {
  return (protocolMachine.getTransitionData(state, sentence)?.length ?? 0) > 0;
}
