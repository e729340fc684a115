/**
 * The lines of private chats between this server process and all others, and their order with what the directory says.
 *
 * Owns: a flow for each other process, how much text waits in all of them, and that updates wait for lines from before. The directory and the lines are two ways, so the end of a chat may come before its last line. Who ends
 * it says with a mark how many messages come before; until these are read, what the directory says to that session waits.
 * Knows nothing of sockets. Next: `lineFlow.ts` (one flow), `waitingUpdates.ts`, `linePlaces.ts` (the quick way), `redisRelay.ts`.
 * Why so: decision 49, docs/decisions/0049-lines-go-past-the-directory.md.
 */
import type { SlowReader } from '../chat/directory/relay.ts';
import type { Clock } from '../runtime/clock.ts';
import { LineFlow, lengthOf } from './lineFlow.ts';
import type { Publish } from './quickWay.ts';
import { nodeOf } from './sessionNames.ts';
import { WaitingUpdates } from './waitingUpdates.ts';
import type { ChatItem, FlowItem, Mark } from './wireTypes.ts';

/** So often a flow says what it has read, and looks for what was not. */
const tickMs = 500;
/** Text that others have not read, in UTF-16 code units, from which on speakers have to wait. */
const maxWaitingCodeUnits = 1_048_576;
export interface LineFlowsParts {
  node: string;
  clock: Clock;
  publish: Publish;
  /** Sends through the directory. False if that can't be done now. */
  pass: (node: string, text: string) => boolean;
  /** Lines and acks in order, each once. */
  deliver: (item: ChatItem) => void;
  /** This session would have read lines before what comes now. */
  lineMissing: (session: string) => void;
}

export class LineFlows implements SlowReader {
  readonly #parts: LineFlowsParts;
  readonly #flows = new Map<string, LineFlow>();
  /** What the directory has said too early. */
  readonly updates = new WaitingUpdates();
  #waitingCodeUnits = 0;
  #onceDrained: (() => void)[] = [];
  #isDue = false;
  #timer: unknown;
  #isOver = false;

  constructor(parts: LineFlowsParts) {
    this.#parts = parts;
  }

  /** To how many processes lines go through the directory just now, and to how many they go the quick way. */
  get ways(): { quick: number; slow: number } {
    const known = [...this.#flows.values()].filter(({ way }) => way.place !== undefined);
    const quick = known.filter(({ way }) => way.isOpen).length;
    return { quick, slow: known.length - quick };
  }

  /** How many messages others have not read, as far as we know. */
  get waiting(): number {
    return [...this.#flows.values()].reduce((sum, { waiting }) => sum + waiting, 0);
  }

  /** Sends something to a session elsewhere, at the end of this turn of the event loop. */
  add(to: string, item: ChatItem): void {
    this.#waitingCodeUnits += lengthOf(item);
    this.#flowOf(nodeOf(to)).add(item);
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      for (const flow of this.#flows.values()) flow.flush();
      this.#plan();
    });
  }

  get needsDrain(): boolean {
    return this.#waitingCodeUnits >= maxWaitingCodeUnits;
  }

  onceDrained(callback: () => void): void {
    this.#onceDrained.push(callback);
  }

  /** This session elsewhere reads what comes next behind all lines from here. Undefined if it has read them already. */
  markFor(session: string): Mark | undefined {
    const number = this.#flows.get(nodeOf(session))?.mark();
    this.#plan();
    return number === undefined ? undefined : ['mark', this.#parts.node, session, number];
  }

  /** Something that came the quick way. What can't be read is of no use, and comes again if it is of any. */
  read(text: string): void {
    let item: FlowItem;
    try {
      item = JSON.parse(text) as FlowItem;
    } catch {
      return;
    }
    this.take(item);
  }

  /** Something from another process, whichever way it came. */
  take(item: FlowItem | Mark): void {
    const flow = this.#flowOf(item[1]);
    if (item[0] === 'mark') {
      const [, from, session, number] = item;
      if (flow.read < number) this.updates.hold(session, from, number, this.#parts.clock.now());
    } else {
      flow.take(item);
      this.updates.read(item[1], flow.read);
    }
    this.#plan();
  }

  /** Another process takes part. */
  known(node: string, place: string): void {
    if (node !== this.#parts.node) this.#flowOf(node).way.known(place);
  }

  /** Another directory names all processes from now on. What they keep for us they send through that one. */
  startSnapshot(): void {
    for (const flow of this.#flows.values()) flow.unknown();
  }

  /** Another process is gone. */
  gone(node: string): void {
    const flow = this.#flows.get(node);
    flow?.unknown();
    flow?.clear();
    this.updates.gone(node);
  }

  /** Our users are gone. */
  clear(): void {
    for (const flow of this.#flows.values()) flow.clear();
    this.updates.clear();
  }

  /** What we have published there may be lost. */
  mute(place: string): void {
    for (const flow of this.#flows.values()) if (flow.way.place === place) flow.shut();
    this.#plan();
  }

  /** What others publish for us may be lost: they are told so. */
  deaf(): void {
    const { node, pass } = this.#parts;
    const shut: FlowItem = ['shut', node];
    for (const [to] of this.#flows) pass(to, JSON.stringify(shut));
  }

  stop(): void {
    this.#parts.clock.clearTimeout(this.#timer);
    this.#isOver = true;
    this.clear();
  }

  #flowOf(node: string): LineFlow {
    const { clock, publish, pass, deliver, node: ours } = this.#parts;
    let flow = this.#flows.get(node);
    if (flow === undefined) {
      const drained = (codeUnits: number): void => this.#drained(codeUnits);
      flow = new LineFlow(node, { node: ours, clock, publish, pass, deliver, drained });
      this.#flows.set(node, flow);
    }
    return flow;
  }

  #drained(codeUnits: number): void {
    this.#waitingCodeUnits -= codeUnits;
    if (this.needsDrain) return;
    const callbacks = this.#onceDrained;
    this.#onceDrained = [];
    for (const callback of callbacks) callback();
  }

  #plan(): void {
    if (this.#timer !== undefined || this.#isOver) return;
    const isIdle = this.updates.isEmpty && ![...this.#flows.values()].some(({ isBusy }) => isBusy);
    if (!isIdle) this.#timer = this.#parts.clock.setTimeout(() => this.#tick(), tickMs);
  }

  #tick(): void {
    this.#timer = undefined;
    for (const flow of this.#flows.values()) flow.tick();
    this.updates.releaseLate(this.#parts.clock.now(), this.#parts.lineMissing);
    this.#plan();
  }
}
