/**
 * The dialogue chart as a table that grows while it is used: to run a chart a million times would take too long.
 *
 * Owns: single steps of `machines/protocol.machine.ts`, each computed once by XState and remembered, and sentences by
 * their text.
 */
import { type AnyMachineSnapshot, createActor, transition } from 'xstate';
import { type DialogueEvent, protocolMachine } from '../../machines/protocol.machine.ts';
import { reservedIds } from '../../machines/session.machine.ts';
import { readSentences, type Sentence } from '../../src/protocol/sentences.ts';

export interface Place {
  readonly snapshot: AnyMachineSnapshot;
  readonly state: string;
  /** The state after an event, by the event's key; undefined if the event is forbidden here. */
  readonly next: Map<string, Place | undefined>;
}

export interface Read {
  readonly sentence: Sentence;
  /** Equal for sentences that are the same to the dialogue chart. */
  readonly key: string;
  /** True for a text after which the server waits for an answer on the same line. */
  readonly isPrompt: boolean;
}

/** What only a user's numbered lines contain. */
export const numberSign = '#';

const prompts = ['read.idPrompt', 'read.idTaken', 'read.proofPrompt', 'read.targetPrompt', 'read.question'];
const places = new Map<string, Place>();
const readings = new Map<string, { reads: Read[]; rest: string }>();

export const start: Place = placeOf(createActor(protocolMachine).getSnapshot());

/** Returns the state after a sentence; undefined if the sentence is forbidden. */
export function afterReading(place: Place, { sentence, key }: Read): Place | undefined {
  return place.next.has(key) ? place.next.get(key) : remember(place, key, sentence);
}

/**
 * Returns the state after a line. All lines with a number in them lead to the same one: they are no id, no choice and
 * no answer.
 */
export function afterTyping(place: Place, text: string): Place {
  const essence = text.includes(numberSign) ? numberSign : isReserved(place, text) ? '-' : text;
  const key = `typed ${essence}`;
  const next = place.next.has(key) ? place.next.get(key) : remember(place, key, { type: 'line.typed', text: essence });
  return next ?? place;
}

/** The dialogue chart doesn't have the whole list of reserved words. */
function isReserved({ state }: Place, text: string): boolean {
  return state === 'identifying' && reservedIds.includes(text.toLowerCase());
}

/** Returns everything that was read and allowed so far, as `<state> <type>`. */
export function wasRead(): Set<string> {
  const steps = new Set<string>();
  for (const { state, next } of places.values()) {
    for (const [key, to] of next) if (to) steps.add(`${state} ${key.split(' ')[0]}`);
  }
  return steps;
}

export function read(text: string): { reads: Read[]; rest: string } {
  const known = readings.get(text);
  if (known) return known;
  const { sentences, rest } = readSentences(text);
  const reading = { reads: sentences.map(toRead), rest };
  if (readings.size < 20_000 && !text.includes(numberSign)) readings.set(text, reading);
  return reading;
}

function toRead(sentence: Sentence): Read {
  const { type } = sentence;
  let key: string = type;
  if ('id' in sentence) key += ` ${sentence.id}`;
  if (type === 'read.userRow') key += sentence.isSelf ? ' me' : '';
  return { sentence, key, isPrompt: prompts.includes(type) };
}

function remember(place: Place, key: string, event: DialogueEvent): Place | undefined {
  const { snapshot } = place;
  // Unlike `snapshot.can`, true also for a transition that does nothing on purpose.
  const allowed = (protocolMachine.getTransitionData(snapshot as never, event)?.length ?? 0) > 0;
  const next = allowed ? placeOf(transition(protocolMachine, snapshot as never, event)[0]) : undefined;
  place.next.set(key, next);
  return next;
}

function placeOf(snapshot: AnyMachineSnapshot): Place {
  const state = String(snapshot.value);
  const key = `${state} ${snapshot.context.id} ${snapshot.context.partner}`;
  const place = places.get(key) ?? { snapshot, state, next: new Map() };
  places.set(key, place);
  return place;
}
