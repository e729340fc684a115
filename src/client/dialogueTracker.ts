/**
 * Where in the dialogue the person is, as far as the client can tell from what is read and typed.
 *
 * Owns: one run of the dialogue chart (`machines/protocol.machine.ts`) beside each connection, and the ids that were read. All that
 * the client knows of the protocol comes from that chart and from `src/protocol/sentences.ts`. Other servers say other things:
 * then it knows nothing until it reads something familiar again, and whatever needs it is off. It never holds anything up.
 */
import { type SnapshotFrom, transition } from 'xstate';
import type { ClientEvent } from '../../machines/client.machine.ts';
import { type DialogueEvent, protocolMachine } from '../../machines/protocol.machine.ts';
import { readSentences, type Sentence, skipUnknownLine } from '../protocol/sentences.ts';

/** Said before the dialogue, where a server has a password gate; see docs/protocol.md. */
const passwordPrompt = 'Password: ';

/** Lines typed ahead that are remembered; with more, the follower waits for something familiar. */
const mostAhead = 100;
/** Text that is no sentence yet, in UTF-16 units. */
const mostRest = 10_000;
/** Ids that are remembered. */
const mostIds = 1000;
/** What ends without a line feed. */
const prompts: readonly Sentence['type'][] = ['read.idPrompt', 'read.idTaken', 'read.targetPrompt', 'read.question'];
/** A line that nobody means. */
const nonsense = '\u0000';
/** What people type beside ids and messages; in which state which of them means something, the chart says. */
const words = ['1', '2', '3', '4', 'y', 'n', 'exit()'];

type Place = SnapshotFrom<typeof protocolMachine>;

/** What the server wants or has done; the client's chart takes these. */
export type FollowerEvent = Extract<
  ClientEvent,
  { type: 'server.askedForId' | 'server.askedForPassword' | 'id.accepted' }
>;

export class Follower {
  readonly #ids = new Set<string>();
  #place: Place = protocolMachine.resolveState({ value: 'connected', context: { id: '', partner: '' } });
  #beforeLine: Place = this.#place;
  /** False after something that the chart doesn't allow: until the next menu. */
  #isSure = true;
  #rest = '';
  /** The prompt that was read last: after a line that was refused, it comes again. */
  #prompt: Sentence['type'] | undefined;
  #ahead: string[] = [];
  #events: FollowerEvent[] = [];

  /** Takes the server's next text in, and answers what it means to whoever waits for it. */
  hear(text: string): FollowerEvent[] {
    const asked = this.asksForPassword;
    this.#rest += text;
    for (;;) {
      const { sentences, rest } = readSentences(this.#rest);
      for (const sentence of sentences) this.#read(sentence);
      this.#rest = skipUnknownLine(rest);
      if (this.#rest === rest) break;
    }
    this.#rest = this.#rest.slice(-mostRest);
    if (this.asksForPassword && !asked) this.#events.push({ type: 'server.askedForPassword' });
    return this.#events.splice(0);
  }

  typed(line: string): void {
    if (this.asksForPassword) {
      this.#rest = '';
      return;
    }
    this.#ahead.push(line);
    if (this.#ahead.length > mostAhead) this.#loseTrack();
    this.#catchUp();
  }

  /** What is typed now is nobody's business. */
  get asksForPassword(): boolean {
    return this.#place.value === 'connected' && this.#rest.endsWith(passwordPrompt);
  }

  /** True while lines go to other people. */
  get isTalking(): boolean {
    return this.#isSure && (this.#place.value === 'chatting' || this.#place.value === 'commonRoom');
  }

  /** The person's own id, if it is known. */
  get id(): string {
    return this.#place.context.id;
  }

  /** What the typed beginning of a line could become, where that means something. */
  completions(beginning: string): string[] {
    if (!this.#isSure || this.#place.hasTag('owed')) return [];
    const otherwise = this.#after(nonsense);
    const candidates = words.filter((word) => this.#after(word).value !== otherwise.value);
    // Whatever is typed here names somebody.
    if (otherwise.context.partner === nonsense)
      candidates.push(...[...this.#ids].filter((id) => id !== this.id).sort());
    return candidates.filter((each) => each.toLowerCase().startsWith(beginning.toLowerCase()));
  }

  #read(sentence: Sentence): void {
    this.#remember(sentence);
    if (sentence.type === 'read.menu') this.#catchUpTo(sentence);
    if (sentence.type === 'read.lineRefused') {
      // What was typed last counts for nothing.
      this.#place = this.#beforeLine;
      return;
    }
    const before = this.#place;
    if (prompts.includes(sentence.type)) {
      if (sentence.type === this.#prompt && !isAllowed(before, sentence)) return;
      this.#prompt = sentence.type;
    }
    if (!isAllowed(before, sentence)) {
      this.#loseTrack();
      if (sentence.type !== 'read.menu') return;
      this.#isSure = true;
      this.#place = protocolMachine.resolveState({ value: 'menu', context: before.context });
    } else this.#step(sentence);
    if (before.value === 'claiming' && this.#place.value === 'menu')
      this.#events.push({ type: 'id.accepted', id: this.id });
    if (sentence.type === 'read.idPrompt') this.#events.push({ type: 'server.askedForId' });
    this.#catchUp();
  }

  /** After a menu that nobody had to expect, nothing that was typed before is still to be answered. */
  #catchUpTo(sentence: Sentence): void {
    if (!this.#isSure || !isAllowed(this.#place, sentence)) this.#ahead = [];
  }

  /** What was typed ahead is taken by the server as soon as it owes nothing. */
  #catchUp(): void {
    while (this.#isSure && this.#ahead.length > 0 && !this.#place.hasTag('owed')) {
      this.#beforeLine = this.#place;
      this.#step({ type: 'line.typed', text: this.#ahead.shift() ?? '' });
    }
  }

  #loseTrack(): void {
    this.#isSure = false;
    this.#ahead = [];
  }

  #step(event: DialogueEvent): void {
    [this.#place] = transition(protocolMachine, this.#place, event);
  }

  #after(line: string): Place {
    return transition(protocolMachine, this.#place, { type: 'line.typed', text: line })[0];
  }

  #remember(sentence: Sentence): void {
    if (!('id' in sentence)) return;
    if (sentence.type === 'read.disconnected') this.#ids.delete(sentence.id);
    else if (this.#ids.size < mostIds) this.#ids.add(sentence.id);
  }
}

/** Also true where the chart has a transition that changes nothing. */
function isAllowed(place: Place, sentence: Sentence): boolean {
  return (protocolMachine.getTransitionData(place, sentence)?.length ?? 0) > 0;
}
