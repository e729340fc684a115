/**
 * What the page knows: the state of each session, and the last few thousand events, forwards and backwards.
 *
 * Owns: how the stream's messages become steps that can be taken back, and the counts for each state. Touches nothing
 * of the browser.
 * Next: `main.js` (who feeds it), `../inspection.ts` (what the messages hold).
 *
 * @typedef {{ type: string, sessionId: string, createdAt: string, sourceId?: string, name?: string, edges?: string[], event?: OpenEvent, snapshot?: Snapshot, rows?: Row[] }} Message
 * @typedef {{ type: string, id?: string, session?: string, askerId?: string, to?: string, partnerId?: string, reason?: string, limit?: string, pairingId?: number, length?: number, update?: OpenEvent, actorId?: string }} OpenEvent
 * @typedef {{ status: string, value: StateValue, tags: string[], context: { userId?: string, partner?: string, pairingId?: number } }} Snapshot
 * @typedef {string | { [name: string]: StateValue }} StateValue
 * @typedef {{ session: string, id?: string, state?: string, partner?: string }} Row
 * @typedef {{ id: string, userId: string, partner: string, states: string[], since: number, waits: boolean }} Session
 * @typedef {{ number: number, at: number, session: string, userId: string, source: string | undefined, event: OpenEvent, edges: string[], isDone: boolean, isStart: boolean }} HistoryRecord
 * @typedef {{ kind: 'sessions' | 'rows' | 'lobby', key: string, before: any, after: any }} Change
 * @typedef {{ at: number, changes: Change[], record?: HistoryRecord | undefined, message: Message }} Step
 */

/** How many steps can be taken back; older ones are forgotten. */
export const keptSteps = 5000;

/** How many events may be under way at once and still be listed in the order in which they were sent. */
const sendersAtOnce = 64;

/** The state of each session at one moment. */
class Picture {
  /** @type {Map<string, Session>} */
  sessions = new Map();
  /** The directory's rows, by session. @type {Map<string, Row>} */
  rows = new Map();
  /** The states of the lobby's chart, under `states`. @type {Map<string, string[]>} */
  lobby = new Map();
  /**
   * How many sessions are in each state now, by its id, and in the states around it.
   *
   * @type {Map<string, number>}
   */
  counts = new Map();

  /** @param {Picture} other */
  copy(other) {
    this.sessions = new Map(other.sessions);
    this.rows = new Map(other.rows);
    this.lobby = new Map(other.lobby);
    this.counts = new Map(other.counts);
  }

  /** @param {Step} step */
  apply({ changes }) {
    for (const { kind, key, after } of changes) this.#set(kind, key, after);
  }

  /** @param {Step} step */
  takeBack({ changes }) {
    for (const { kind, key, before } of changes.toReversed()) this.#set(kind, key, before);
  }

  /**
   * @param {'sessions' | 'rows' | 'lobby'} kind
   * @param {string} key
   * @param {any} value
   */
  #set(kind, key, value) {
    if (kind === 'sessions') {
      for (const id of this.sessions.get(key)?.states ?? []) this.#count(id, -1);
      for (const id of value?.states ?? []) this.#count(id, 1);
    }
    if (value === undefined) this[kind].delete(key);
    else this[kind].set(key, value);
  }

  /**
   * @param {string} id
   * @param {1 | -1} by
   */
  #count(id, by) {
    this.counts.set(id, (this.counts.get(id) ?? 0) + by);
  }
}

export class Model {
  /** The state after the latest message. */
  head = new Picture();
  /** What is shown: the state after `position` steps. The same as `head` unless the user looks back. */
  view = this.head;
  /** @type {Step[]} */
  steps = [];
  position = 0;
  /** When the first picture came, in ms. */
  startedAt = 0;
  /**
   * Events that were sent to an actor and that it has not taken yet, oldest first.
   *
   * @type {Map<string, HistoryRecord[]>}
   */
  #sent = new Map();
  #records = 0;
  /** True while the messages say how things are, and not what happens. */
  #isFirstPicture = true;

  get isLive() {
    return this.view === this.head;
  }

  /** The event that an actor is taking. @param {string} sessionId */
  eventOf(sessionId) {
    return this.#sent.get(sessionId)?.[0]?.event;
  }

  /** How many users have an id. */
  get onlineCount() {
    return this.view.rows.size;
  }

  /** @param {Message} message */
  take(message) {
    switch (message.type) {
      case 'statechat.baseline':
        this.#restart(message);
        break;
      case '@xstate.actor':
        this.#takeActor(message);
        break;
      case '@xstate.event':
        this.#takeEvent(message);
        break;
      case 'statechat.microstep':
        this.#sent.get(message.sessionId)?.[0]?.edges.push(...(message.edges ?? []));
        break;
      case '@xstate.snapshot':
        this.#takeSnapshot(message);
        break;
      case 'statechat.rows':
        this.#takeRows(message);
        break;
    }
  }

  /**
   * Shows the state after so many steps; after all of them, it follows the stream from now on.
   *
   * @param {number} position
   */
  lookAt(position) {
    const wanted = Math.max(0, Math.min(position, this.steps.length));
    if (wanted === this.steps.length) {
      this.view = this.head;
    } else {
      if (this.isLive) {
        this.view = new Picture();
        this.view.copy(this.head);
      }
      while (this.position > wanted) this.view.takeBack(/** @type {Step} */ (this.steps[--this.position]));
      while (this.position < wanted) this.view.apply(/** @type {Step} */ (this.steps[this.position++]));
    }
    this.position = wanted;
  }

  /**
   * Shows the state one event later or earlier. Returns that event if it is later.
   *
   * @param {1 | -1} by
   */
  step(by) {
    const isEvent = (/** @type {Step | undefined} */ step) => step?.record !== undefined;
    let position = this.position;
    if (by === 1) while (position < this.steps.length && !isEvent(this.steps[position])) position++;
    // Back to after the event before the one that is shown.
    if (by === -1) while (position > 0 && !isEvent(this.steps[position - 1])) position--;
    this.lookAt(position + by);
    return by === 1 ? this.steps[position]?.record : undefined;
  }

  /**
   * What happened up to the moment that is shown, latest first, in the order in which it was sent: a cause before its
   * effects. An event is taken, and so becomes a step, only after those that it has sent are taken.
   */
  *history() {
    /** @type {HistoryRecord[]} */
    const waiting = [];
    for (let index = this.position - 1; index >= 0; index--) {
      const { record } = /** @type {Step} */ (this.steps[index]);
      if (!record) continue;
      let place = waiting.length;
      while (place > 0 && /** @type {HistoryRecord} */ (waiting[place - 1]).number > record.number) place--;
      waiting.splice(place, 0, record);
      if (waiting.length > sendersAtOnce) yield/** @type {HistoryRecord} */ (waiting.pop());
    }
    while (waiting.length > 0) yield/** @type {HistoryRecord} */ (waiting.pop());
  }

  /** When the moment is that is shown, in ms. */
  get shownAt() {
    return this.steps[this.position - 1]?.at ?? this.startedAt;
  }

  /**
   * Forgets everything before: the server was started again, or the page has missed too much.
   *
   * @param {Message} message
   */
  #restart({ createdAt }) {
    this.head = new Picture();
    this.view = this.head;
    this.steps = [];
    this.position = 0;
    this.startedAt = Number(createdAt);
    this.#sent.clear();
    this.#isFirstPicture = true;
  }

  /** @param {Message} message */
  #takeActor(message) {
    const { sessionId, snapshot, createdAt } = message;
    if (snapshot?.status !== 'active') return;
    if (sessionId === 'lobby') {
      this.#add({ at: Number(createdAt), changes: [this.#lobbyChange(snapshot)], message });
      return;
    }
    const after = sessionOf(sessionId, snapshot, Number(createdAt));
    this.#add({ at: Number(createdAt), changes: [this.#change('sessions', sessionId, after)], message });
  }

  /** @param {Message} message */
  #takeEvent({ sessionId, sourceId, event = { type: '' }, createdAt }) {
    const record = {
      ...{ number: ++this.#records, at: Number(createdAt), session: sessionId, source: sourceId, event },
      userId: this.head.sessions.get(sessionId)?.userId ?? '',
      /** @type {string[]} */
      edges: [],
      ...{ isDone: false, isStart: event.type === 'xstate.init' },
    };
    const sent = this.#sent.get(sessionId);
    if (sent) sent.push(record);
    else this.#sent.set(sessionId, [record]);
  }

  /** @param {Message} message */
  #takeSnapshot(message) {
    const { sessionId, snapshot, createdAt } = message;
    if (!snapshot) return;
    const at = Number(createdAt);
    const sent = this.#sent.get(sessionId);
    const record = sent?.shift();
    if (sent?.length === 0) this.#sent.delete(sessionId);
    if (record) record.isDone = true;
    const changes = [];
    if (sessionId === 'lobby') {
      changes.push(this.#lobbyChange(snapshot));
    } else {
      const before = this.head.sessions.get(sessionId);
      const after = snapshot.status === 'active' ? sessionOf(sessionId, snapshot, at) : undefined;
      if (after && before && String(after.states) === String(before.states)) after.since = before.since;
      changes.push(this.#change('sessions', sessionId, after));
      if (record) record.userId ||= after?.userId ?? before?.userId ?? '';
    }
    this.#add({ at, changes, record, message });
  }

  /** @param {Message} message */
  #takeRows(message) {
    const changes = (message.rows ?? []).map((row) =>
      this.#change('rows', row.session, row.id === undefined ? undefined : row),
    );
    this.#add({ at: Number(message.createdAt), changes, message });
    // The rows end the first picture.
    this.#isFirstPicture = false;
  }

  /**
   * @param {'sessions' | 'rows' | 'lobby'} kind
   * @param {string} key
   * @param {any} after
   * @returns {Change}
   */
  #change(kind, key, after) {
    return { kind, key, before: this.head[kind].get(key), after };
  }

  /** @param {Snapshot} snapshot */
  #lobbyChange({ value }) {
    return this.#change('lobby', 'states', ['lobby', ...statesOf(value, 'lobby')]);
  }

  /** @param {Step} step */
  #add(step) {
    const wasLive = this.isLive;
    this.head.apply(step);
    if (this.#isFirstPicture) return;
    this.steps.push(step);
    if (wasLive) this.position = this.steps.length;
    // A tenth at a time, so that not every step moves all of them.
    if (this.steps.length > keptSteps * 1.1) this.#forget(this.steps.length - keptSteps);
  }

  /** @param {number} count */
  #forget(count) {
    const old = this.steps.splice(0, count);
    for (const step of old.slice(this.position)) this.view.apply(step);
    this.position = Math.max(0, this.position - count);
    this.startedAt = old.at(-1)?.at ?? this.startedAt;
  }
}

/** True for an event that the state ignores. @param {HistoryRecord} record */
export function isIgnored({ isDone, edges, isStart }) {
  return isDone && edges.length === 0 && !isStart;
}

/**
 * Returns the values in the order in which the sessions came, also those that are there again because the user looks
 * back. Sessions of other servers, `NODE/s3`, come last, server by server: only their server knows when they came.
 *
 * @template T
 * @param {Map<string, T>} bySession
 * @returns {T[]}
 */
export function inOrder(bySession) {
  return [...bySession].sort(([one], [other]) => compareSessions(one, other)).map(([, value]) => value);
}

/** @param {string} one @param {string} other */
function compareSessions(one, other) {
  const [[oneServer, oneNumber], [otherServer, otherNumber]] = [partsOf(one), partsOf(other)];
  if (oneServer === otherServer) return oneNumber - otherNumber;
  return oneServer < otherServer ? -1 : 1;
}

/**
 * Returns the server, empty for the watched one, and the session's number there.
 *
 * @param {string} session
 * @returns {[string, number]}
 */
function partsOf(session) {
  const at = session.lastIndexOf('/');
  return [session.slice(0, Math.max(0, at)), Number(session.slice(at + 2))];
}

/**
 * @param {string} id
 * @param {Snapshot} snapshot
 * @param {number} since
 * @returns {Session}
 */
function sessionOf(id, { value, context, tags }, since) {
  return {
    ...{ id, userId: context.userId ?? '', partner: context.partner ?? '', since },
    states: ['session', ...statesOf(value, 'session')],
    waits: tags.includes('waiting'),
  };
}

/**
 * Returns the ids of the active states: `{ online: 'menu' }` in `session` is `session.online` and
 * `session.online.menu`.
 *
 * @param {StateValue} value
 * @param {string} around
 * @returns {string[]}
 */
function statesOf(value, around) {
  if (typeof value === 'string') return [`${around}.${value}`];
  return Object.entries(value).flatMap(([name, inner]) => [
    `${around}.${name}`,
    ...statesOf(inner, `${around}.${name}`),
  ]);
}
