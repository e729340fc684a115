/**
 * Where in the dialogue the user is, by what was read and typed.
 *
 * Owns: one run of the dialogue chart (`machines/protocol.machine.ts`), which comes as a table, and what is made of text that
 * comes in pieces. Knows nothing of what is shown. It is for a page what `src/client/dialogueTracker.ts` is for a terminal.
 *
 * @import { ProtocolTable, TableTransition } from '../tableTypes.ts'
 * @import { AnySentence } from '../../protocol/sentenceReader.js'
 */
import { readBy, withoutUnknownLine } from '../../protocol/sentenceReader.js';

/** Said before the dialogue, where a server has a password gate; see docs/protocol.md. */
const passwordPrompt = 'Password: ';
/** Text that is no sentence yet, in UTF-16 units. */
const maxRestUnits = 10_000;
/** Lines typed ahead that are remembered. */
const maxLinesAhead = 100;

/** @typedef {{ id: string, partner: string }} Context */
/** @typedef {{ type: 'line.typed', text: string } | AnySentence} DialogueEvent */
/** @typedef {{ state: string, context: Context }} Place */

/** Something that was read: a sentence with its words, or words that are no sentence. */
/** @typedef {{ sentence: AnySentence | undefined, words: string, before: string }} Heard */

/** @param {DialogueEvent} event */
const typed = (event) => String(event.text).trim();
/** @param {DialogueEvent} event */
const named = (event) => String('id' in event ? event.id : '');

/** The guards that compare ids; all others are patterns of typed lines. @type {Record<string, (context: Context, event: DialogueEvent) => boolean>} */
const idGuards = {
  isPartner: ({ partner }, event) => named(event).toLowerCase() === partner.toLowerCase(),
  isMine: ({ id }, event) => named(event).toLowerCase() === id.toLowerCase(),
  isOther: ({ id }, event) => named(event) !== id,
  isMyRow: ({ id }, event) => ('isSelf' in event && event.isSelf) === (named(event) === id),
};

/** What the chart's actions change. @type {Record<string, (event: DialogueEvent) => Partial<Context>>} */
const actions = {
  keepId: (event) => ({ id: typed(event) }),
  keepTarget: (event) => ({ partner: typed(event) }),
  keepAsker: (event) => ({ partner: named(event) }),
  dropPartner: () => ({ partner: '' }),
};

/** The dialogue chart, as a table. */
export class DialogueChart {
  #table;
  #lines;
  /** @param {ProtocolTable} table */
  constructor(table) {
    this.#table = table;
    this.#lines = new Map(
      Object.entries(table.lines).map(([guard, { source, flags }]) => [guard, new RegExp(source, flags)]),
    );
  }

  /** @returns {Place} */
  get beginning() {
    return { state: this.#table.initial, context: { id: '', partner: '' } };
  }

  /** @param {string} state @param {string} tag */
  hasTag(state, tag) {
    return this.#table.states[state]?.tags?.includes(tag) ?? false;
  }

  /**
   * The place after an event; undefined if the chart doesn't allow it there.
   *
   * @param {Place} place
   * @param {DialogueEvent} event
   * @returns {Place | undefined}
   */
  next({ state, context }, event) {
    const candidates = this.#table.states[state]?.on[event.type] ?? this.#table.on[event.type] ?? [];
    const taken = candidates.find(({ guard }) => guard === undefined || this.#passes(guard, context, event));
    return taken && this.#follow(taken, { state, context }, event);
  }

  /**
   * The place to which a sentence leads wherever it is read; undefined if that depends on where. So a page finds its way again
   * after two users have done something at the same moment.
   *
   * @param {Place} place
   * @param {AnySentence} sentence
   * @returns {Place | undefined}
   */
  landmark(place, sentence) {
    const all = Object.values(this.#table.states).flatMap(({ on }) => on[sentence.type] ?? []);
    const [first] = all;
    if (first?.target === undefined || all.some(({ target }) => target !== first.target)) return undefined;
    const context = first.guard === 'isPartner' ? { ...place.context, partner: named(sentence) } : place.context;
    const after = this.#follow(first, { ...place, context }, sentence);
    return after;
  }

  /** @param {string} guard @param {Context} context @param {DialogueEvent} event */
  #passes(guard, context, event) {
    const line = this.#lines.get(guard);
    return line ? line.test(typed(event)) : (idGuards[guard]?.(context, event) ?? false);
  }

  /** @param {TableTransition} taken @param {Place} place @param {DialogueEvent} event @returns {Place} */
  #follow({ target, actions: own = [] }, place, event) {
    const entry = target === undefined ? [] : (this.#table.states[target]?.entry ?? []);
    const changes = [...own, ...entry].map((name) => actions[name]?.(event));
    return { state: target ?? place.state, context: Object.assign({}, place.context, ...changes) };
  }
}

export class Dialogue {
  #table;
  #patterns;
  #chart;
  /** @type {Place} */
  #place;
  /** @type {Place} */
  #beforeLine;
  /** Lines that the server takes when it owes no reply. @type {string[]} */
  #ahead = [];
  #rest = '';
  #prompt = '';

  /** @param {ProtocolTable} table */
  constructor(table) {
    this.#table = table;
    this.#patterns = table.sentences.map(({ source, fixed }) => ({ pattern: new RegExp(source, 'y'), fixed }));
    this.#chart = new DialogueChart(table);
    this.#place = this.#chart.beginning;
    this.#beforeLine = this.#place;
  }

  /** The state's name in the chart; `password` at the gate before it. */
  get state() {
    return this.asksForPassword ? 'password' : this.#place.state;
  }

  get id() {
    return this.#place.context.id;
  }

  get partner() {
    return this.#place.context.partner;
  }

  /** The server still has something to say. */
  get isPending() {
    return this.#chart.hasTag(this.#place.state, 'replyPending');
  }

  get asksForPassword() {
    return this.#place.state === this.#table.initial && this.#rest.endsWith(passwordPrompt);
  }

  /**
   * Takes the server's next text in.
   *
   * @param {string} text
   * @returns {Heard[]}
   */
  read(text) {
    /** @type {Heard[]} */
    const heard = [];
    this.#rest += text;
    for (;;) {
      const { found, rest } = readBy(this.#patterns, this.#rest);
      for (const { sentence, words } of found) {
        const before = this.#place.state;
        this.#take(sentence, words);
        heard.push({ sentence, words, before });
      }
      this.#rest = withoutUnknownLine(rest, this.#table.menu);
      if (this.#rest === rest) break;
      const words = rest.slice(0, rest.length - this.#rest.length).replace(passwordPrompt, '');
      heard.push({ sentence: undefined, words, before: this.#place.state });
    }
    this.#rest = this.#rest.slice(-maxRestUnits);
    return heard;
  }

  /** Takes a line in that was sent to the server. @param {string} line */
  typed(line) {
    if (this.asksForPassword) {
      this.#rest = '';
      return;
    }
    if (this.#ahead.length < maxLinesAhead) this.#ahead.push(line);
    this.#takeLinesAhead();
  }

  /** @param {AnySentence} sentence @param {string} words */
  #take(sentence, words) {
    const next = this.#chart.next(this.#place, sentence);
    // What has led elsewhere has interrupted nothing: the same prompt means something new.
    if (next !== undefined && next.state !== this.#place.state) this.#prompt = '';
    // What was typed last counts for nothing.
    if (sentence.type === 'read.lineRefused') this.#place = this.#beforeLine;
    else if (next !== undefined) this.#place = next;
    // A prompt that was interrupted comes again.
    else if (sentence.type === this.#prompt) return;
    else {
      this.#ahead = [];
      this.#place = this.#chart.landmark(this.#place, sentence) ?? this.#place;
    }
    if (!words.endsWith('\n')) this.#prompt = sentence.type;
    this.#takeLinesAhead();
  }

  #takeLinesAhead() {
    while (this.#ahead.length > 0 && !this.isPending) {
      this.#beforeLine = this.#place;
      const event = { type: /** @type {const} */ ('line.typed'), text: this.#ahead.shift() ?? '' };
      this.#place = this.#chart.next(this.#place, event) ?? this.#place;
    }
  }
}
