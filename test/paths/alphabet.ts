/**
 * All inputs of a session: one representative for each type of event and each outcome of a guard.
 *
 * Owns: the inputs of the generated tests and their labels: a typed line as it is typed, every other input in words in
 * brackets. Knows nothing of states. Next: `sessionGraph.ts` tries every input in every state.
 */
import type { SessionEvent } from '../../machines/session.machine.ts';
import { menuOptions } from '../support/wireTexts.ts';

export interface Input {
  /** Its label in a dialogue and in the golden file; unique. */
  readonly label: string;
  readonly event: SessionEvent;
}

/** The session's user, and the one whom they ask, are asked by and chat with. */
export const user = 'lior';
const other = 'golan';

/** As many refused ids end the sessions of the generated tests: the fewest with which some are counted. */
export const idTries = 2;

/** The number of the pairing in all updates. */
const pairingId = 1;

/** The chat to which a user comes back. */
const resumed = { partnerId: other, partnerSession: 'unknown', pairingId };

/** Lines that a user types. Each one has a reason of its own in at least one state. */
const lines: readonly string[] = [
  ...[user, other], // acceptable ids, and anything else at every other prompt
  ...['-', 'server'], // not an id; an id that is reserved
  ...menuOptions,
  ...['y', 'n', 'never'], // the answers
  'exit()',
  '/help', // a command of other chats
  'hello', // chat, and anything else at every other prompt
];

type EventType = Exclude<SessionEvent['type'], 'line.received'>;

/** All other inputs, by their type, so that none is forgotten. */
const others: {
  [T in EventType]: Record<string, Extract<SessionEvent, { type: T }>>;
} = {
  'line.refused': { 'a line that is no text': { type: 'line.refused', reason: 'lineNotUtf8' } },
  'connection.closed': { 'hangs up': { type: 'connection.closed' } },
  'id.granted': {
    'id granted': { type: 'id.granted', id: user },
    'back in the chat': { type: 'id.granted', id: user, isProved: true, chat: resumed },
    'back alone': { type: 'id.granted', id: user, isProved: true, chat: { ...resumed, isPartnerAway: true } },
  },
  'id.refused': {
    'id refused': { type: 'id.refused' },
    'password wrong': { type: 'id.refused', reason: 'unproved' },
    'id unchecked': { type: 'id.refused', reason: 'unavailable' },
  },
  'proof.required': { 'password required': { type: 'proof.required', id: user } },
  'move.granted': {
    'move granted': { type: 'move.granted', to: 'requesting' },
    'room granted': { type: 'move.granted', to: 'commonRoom' },
  },
  'move.refused': { 'move refused': { type: 'move.refused' } },
  'request.received': { 'golan asks': { type: 'request.received', askerId: other, pairingId } },
  'request.delivered': { 'request delivered': { type: 'request.delivered', pairingId } },
  'request.refused': {
    'request refused: unknown': { type: 'request.refused', reason: 'unknown' },
    'request refused: busy': { type: 'request.refused', reason: 'busy' },
    'request refused: self': { type: 'request.refused', reason: 'self' },
    'request refused: gone': { type: 'request.refused', reason: 'gone' },
    'request refused: tooOften': { type: 'request.refused', reason: 'tooOften' },
  },
  'request.declined': {
    'request declined': { type: 'request.declined', pairingId },
    'request declined again': { type: 'request.declined', pairingId, isRepeated: true },
  },
  'request.expired': { 'request expired': { type: 'request.expired', pairingId } },
  'request.withdrawn': { 'request withdrawn': { type: 'request.withdrawn', pairingId } },
  'chat.started': { 'chat started': { type: 'chat.started', partnerId: other, partnerSession: 'unknown', pairingId } },
  'chat.ended': { 'chat ended': { type: 'chat.ended', pairingId } },
  'partner.away': { 'golan is away': { type: 'partner.away', pairingId } },
  'partner.back': { 'golan is back': { type: 'partner.back', partnerSession: 'unknown', pairingId } },
  'away.ended': { 'away too long': { type: 'away.ended' } },
  'session.evicted': { evicted: { type: 'session.evicted' } },
  'session.removed': { removed: { type: 'session.removed', why: '' } },
  'server.closing': { 'server closing': { type: 'server.closing', isFinal: false } },
  'limit.reached': {
    'limit reached': { type: 'limit.reached', limit: 'idle' },
    'network lost': { type: 'limit.reached', limit: 'unreachable' },
  },
  'session.failed': { 'a bug': { type: 'session.failed' } },
};

/** Every input, lines first. */
export const alphabet: readonly Input[] = [
  ...lines.map((text): Input => ({ label: text, event: { type: 'line.received', text } })),
  ...Object.values(others).flatMap((variants) =>
    Object.entries(variants).map(([label, event]): Input => ({ label: `[${label}]`, event })),
  ),
];

const byLabel = new Map(alphabet.map((input) => [input.label, input]));
const byEvent = new Map(alphabet.map((input) => [JSON.stringify(input.event), input]));

/** Returns the input with this label. Throws if there is none. */
export function inputNamed(label: string): Input {
  const input = byLabel.get(label);
  if (input === undefined) throw new Error(`No input of the alphabet reads ${JSON.stringify(label)}.`);
  return input;
}

/** Returns the input that sends this event; undefined for an event outside of the alphabet. */
export function inputOf(event: object): Input | undefined {
  return byEvent.get(JSON.stringify(event));
}

/** Returns the typed text; undefined for an input that isn't typed. */
export function typedIn({ event }: Input): string | undefined {
  return event.type === 'line.received' ? event.text : undefined;
}

/** True for what a session holds back until the verdict is in: a line, also one that is refused. */
export function isLine({ event }: Input): boolean {
  return event.type === 'line.received' || event.type === 'line.refused';
}

/** True for what only comes of a connection. */
export function isPersons(input: Input): boolean {
  return isLine(input) || input.event.type === 'connection.closed';
}

/** Returns the inputs in a new order: those that the dialogue has used already come last, so that it repeats few. */
export function freshFirst(inputs: Iterable<Input>, soFar: readonly Input[]): Input[] {
  return [...inputs].sort((a, b) => Number(soFar.includes(a)) - Number(soFar.includes(b)));
}

/** Returns a dialogue as `lior → [id granted] → 1`. */
export function dialogueOf(inputs: readonly Input[]): string {
  return inputs.length === 0 ? '(connects)' : inputs.map(({ label }) => label).join(' → ');
}
