/**
 * One composite state while a move changes it: steps of users, and messages put on and taken from the ways.
 *
 * Owns: who hears what at once (the common room, those in the menu) and what has to wait (everything else).
 */
import type { ResumedChat } from '../../machines/events.ts';
import type { DirectorySnapshot } from '../../src/chat/directory/memoryDirectory.ts';
import { notices } from '../../src/protocol/replies.ts';
import {
  awayEnded,
  chartsAt,
  type Down,
  downAt,
  earlyAt,
  gone,
  type State,
  type Stores,
  type Up,
  upAt,
} from './messages.ts';
import type { CompositeOptions } from './moves.ts';
import type { Step, UserCharts } from './userSteps.ts';

export interface Outcome {
  state: State;
  violation: string | undefined;
  /** What the server writes to a connection that has ended. Nobody can read it. */
  afterEnd: string | undefined;
  /** What each user read, if anything. */
  read: readonly string[];
  /** The transitions the session charts took. */
  branches: readonly string[];
}

const nothing: readonly string[] = [];
/** What so many users read when nobody reads anything. */
const silence: readonly (readonly string[])[] = [[], [''], ['', ''], ['', '', ''], ['', '', '', '']];

export class SystemModel {
  readonly state: State;
  readonly #stores: Stores;
  readonly #names: readonly string[];
  readonly #underWay: number;
  readonly #canTakeOver: boolean;
  #read: readonly string[];
  #violation: string | undefined;
  #afterEnd: string | undefined;
  #branches = nothing;

  constructor(
    stores: Stores,
    names: readonly string[],
    state: State,
    { underWay, ...options }: Pick<CompositeOptions, 'underWay' | 'names' | 'returns'>,
  ) {
    this.#stores = stores;
    this.state = state.slice();
    this.#names = names;
    this.#underWay = underWay;
    this.#canTakeOver = options.names === true || options.returns === true;
    this.#read = silence[names.length] as readonly string[];
  }

  charts(user: number): UserCharts {
    return this.#stores.steps.charts.value(this.state[chartsAt(user)] as number);
  }

  rows(): DirectorySnapshot['rows'] {
    return this.#stores.directories.value(this.state.at(-1) as number).rows;
  }

  get hasNames(): boolean {
    return this.#stores.directories.value(this.state.at(-1) as number).hasNames === true;
  }

  /** The file of names is read again: it has everybody's id from now on, or nobody's. */
  changeNames(): void {
    this.state[this.state.length - 1] = this.#stores.directory({ rows: [...this.rows()], hasNames: !this.hasNames });
  }

  /** Lets a user take a step that has been worked out. Of the end of one who is concealed nobody reads. */
  step(user: number, step: Step, concealed?: 'concealed'): void {
    const before = this.charts(user).session;
    this.state[chartsAt(user)] = step.next;
    if (step.violation) this.blame(user, step.violation);
    if (step.read) this.#read = this.#read.with(user, `${this.#read[user]}${step.read}`);
    if (step.branches.length > 0) {
      this.#branches = this.#branches.length > 0 ? this.#branches.concat(step.branches) : step.branches;
    }
    // Without names nobody can come back, and the lobby says so at once.
    const isGone = step.commands.some(({ type }) => type === 'chat.suspend') && !this.#canTakeOver;
    for (const command of isGone ? [] : step.commands) this.up(user, command);
    const { session } = this.charts(user);
    if (step.room === 'joined') this.tellRoom(notices.joinedRoom(session.context.userId), user);
    if (step.room === 'left') this.tellRoom(notices.leftRoom(before.context.userId), user);
    if (session.status !== 'active' && before.status === 'active') {
      const row = this.rows().find(({ session: whose }) => whose === this.#names[user]);
      if (row && !concealed) this.tellMenu(notices.disconnected(row.id), user);
      this.state[downAt(user)] = 0;
      this.state[earlyAt(user)] = 0;
      this.up(user, gone);
    }
    if (isGone) this.step(user, this.#stores.steps.hear(this.state[chartsAt(user)] as number, awayEnded));
  }

  /** Notes what is wrong with what happens to a user. */
  blame(user: number, violation: string): void {
    this.#violation ??= `${this.#names[user]} ${violation}`;
  }

  /** A line reaches a screen directly. */
  read(user: number, text: string): void {
    if (!this.charts(user).isConnected) {
      this.#afterEnd ??= `${this.#names[user]} is sent ${JSON.stringify(text)} after the end`;
      return;
    }
    this.step(user, this.#stores.steps.read(this.state[chartsAt(user)] as number, text));
  }

  tellRoom(text: string, from: number): void {
    this.#notify(text, from, 'room');
  }

  tellMenu(text: string, about: number): void {
    this.#notify(text, about, 'hearsPresence');
  }

  #notify(text: string, from: number, whom: 'room' | 'hearsPresence'): void {
    for (let user = 0; user < this.#names.length; user++) {
      if (user === from || !this.charts(user)[whom]) continue;
      if (this.#canTakeOver && this.#isTakenOver(user, text)) continue;
      this.read(user, text);
    }
  }

  /**
   * Who has lost the id to somebody else hears so before they hear anything of that one: it comes the same way. What the
   * one who has it now may hear of them is in decision 43.
   */
  #isTakenOver(user: number, text: string): boolean {
    const { userId } = this.charts(user).session.context;
    return userId !== '' && (text.startsWith(`${userId} `) || text.startsWith(`${userId}: `));
  }

  up(user: number, up: Up): void {
    this.state[upAt(user)] = this.#stores.ups.push(this.state[upAt(user)] as number, up);
  }

  takeUp(user: number): Up {
    const queue = this.state[upAt(user)] as number;
    this.state[upAt(user)] = this.#stores.ups.shift(queue);
    return this.#stores.ups.first(queue);
  }

  /** The verdict about a password: the next that the lobby takes from its user. */
  upFirst(user: number, up: Up): void {
    const waiting = this.#stores.ups.value(this.state[upAt(user)] as number);
    this.state[upAt(user)] = this.#stores.ups.number([up, ...waiting]);
  }

  /** False if the way down is full. What goes to a session that has ended is dropped, as the lobby does. */
  down(user: number, down: Down): boolean {
    if (this.charts(user).session.status !== 'active') return true;
    const queue = this.state[downAt(user)] as number;
    if (this.#stores.downs.value(queue).length >= this.#underWay) return false;
    this.state[downAt(user)] = this.#stores.downs.push(queue, down);
    return true;
  }

  /** True if the update that this chat has started is on its way to a user. */
  willStart(user: number, pairingId: number): boolean {
    const waiting = this.#stores.downs.value(this.state[downAt(user)] as number);
    return waiting.some((update) => {
      if (update.type === 'id.granted') return update.chat?.pairingId === pairingId;
      return update.type === 'chat.started' && update.pairingId === pairingId;
    });
  }

  takeDown(user: number): Down {
    const queue = this.state[downAt(user)] as number;
    this.state[downAt(user)] = this.#stores.downs.shift(queue);
    return this.#stores.downs.first(queue);
  }

  /** The smallest number no session, message or row uses. Only whether numbers are equal matters. */
  freshPairing(): number {
    const used = new Set<number>();
    const add = (messages: readonly object[]): void => {
      for (const message of messages) {
        const { pairingId, chat } = message as { pairingId?: number; chat?: ResumedChat };
        used.add(pairingId ?? 0).add(chat?.pairingId ?? 0);
      }
    };
    for (let user = 0; user < this.#names.length; user++) {
      const { session, chat } = this.charts(user);
      used.add(session.context.pairingId).add(chat);
      add(this.#stores.ups.value(this.state[upAt(user)] as number));
      add(this.#stores.downs.value(this.state[downAt(user)] as number));
    }
    add(this.rows());
    let fresh = 1;
    while (used.has(fresh)) fresh++;
    return fresh;
  }

  outcome(): Outcome {
    return {
      state: this.state,
      violation: this.#violation,
      afterEnd: this.#afterEnd,
      read: this.#read,
      branches: this.#branches,
    };
  }
}
