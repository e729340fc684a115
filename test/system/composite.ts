/**
 * The whole system with late answers: N users' sessions, the real directory, and queues between them.
 *
 * Owns: every move that is possible in a composite state. A session's commands wait in its way up until the directory
 * takes them; verdicts and updates wait in its way down until the session takes them; lines take no time, as in the server,
 * so they may overtake updates; users may type, hang up, be evicted or run out of time at every moment.
 */
import type { SessionUpdate } from '../../machines/events.ts';
import { type DirectorySnapshot, MemoryDirectory } from '../../src/chat/directory/memoryDirectory.ts';
import type { AskRules } from '../../src/chat/directory/requestMemory.ts';
import { notices } from '../../src/protocol/replies.ts';
import { disagreements, forgotten, silenceIsFine, untrueAnswer } from './agreement.ts';
import { type IdDecisions, idDecisions } from './idDecisions.ts';
import { Memo } from './internPool.ts';
import { aMinuteAfter, isMomentary, minuteMs, seenBy } from './keptInMind.ts';
import {
  chartsAt,
  connectionClosed,
  type Decidable,
  downAt,
  earlyAt,
  evicted,
  eviction,
  expiry,
  limitReached,
  lineRefused,
  perUser,
  proofWrong,
  removedByOperator,
  type State,
  Stores,
  serverClosing,
  sessionFailed,
  takeOf,
  unchecked,
  unproved,
  upAt,
} from './messages.ts';
import { type CompositeOptions, kinds, type Move, moveOf, type RestoreDirectory, type UserMoves } from './moves.ts';
import { permutations, Renaming } from './renaming.ts';
import { type Outcome, SystemModel } from './systemModel.ts';
import { pathOf, rightPassword, typedLines, type UserCharts } from './userSteps.ts';

interface Decision {
  directory: number;
  told: readonly [to: string, update: SessionUpdate][];
  violation: string | undefined;
}

export class Composite {
  readonly names: readonly string[];
  readonly #options: CompositeOptions;
  readonly #askRules: AskRules;
  readonly #stores: Stores;
  readonly #moves: readonly UserMoves[];
  readonly #renamings: readonly Renaming[];
  /** Of each user’s charts by their number, once it was asked for. */
  readonly #inMenu: boolean[] = [];
  /** What is wrong with each directory that was judged, by its number. */
  readonly #disagreements = new Map<number, string | undefined>();
  readonly #decisions = new Memo<Decision>();
  readonly #seen = new Memo<number>();
  readonly #onId: IdDecisions;

  constructor(options: CompositeOptions) {
    this.#options = options;
    this.#stores = new Stores(options.machine, options.remembers ?? false);
    this.#onId = idDecisions(options.lobby);
    const { askedPerMinute = 0 } = options;
    this.#askRules = { askedPerMinute, declineWaitMs: askedPerMinute > 0 ? minuteMs : 0, now: () => 0 };
    this.names = ['ann', 'ben', 'cat', 'dan'].slice(0, options.users);
    this.#renamings = permutations(options.users).map((order) => new Renaming(this.#stores, this.names, order));
    this.#moves = this.names.map((name, user) => {
      const others = this.names.filter((other) => other !== name);
      const lines = Object.entries(typedLines(name, others, options.contestedIds ? others : []));
      const typing = lines.map(([state, texts]) => [state, texts.map((text) => moveOf(user, 'types', text))]);
      const doing = kinds.map((kind) => [kind, moveOf(user, kind)]);
      return { typing: Object.fromEntries(typing), doing: Object.fromEntries(doing) };
    });
  }

  /** Everybody has just connected. */
  initial(): Outcome {
    const state: State = new Array(this.names.length * perUser + 1).fill(0);
    const step = this.#stores.steps.connect();
    this.names.forEach((_, user) => {
      state[chartsAt(user)] = step.next;
    });
    state[state.length - 1] = this.#stores.directory({ rows: [], hasNames: this.#options.names });
    return {
      state,
      violation: step.violation,
      afterEnd: undefined,
      read: this.names.map(() => step.read),
      branches: [],
    };
  }

  charts(state: State, user: number): UserCharts {
    return this.#stores.steps.charts.value(state[chartsAt(user)] as number);
  }

  /** Whether a user is in the menu, by what they have read. */
  isInMenu(state: State, user: number): boolean {
    const number = state[chartsAt(user)] as number;
    this.#inMenu[number] ??= this.charts(state, user).dialogue.matches('menu');
    return this.#inMenu[number];
  }

  rows(state: State): DirectorySnapshot['rows'] {
    return this.#directory(state).rows;
  }

  /** A state with only so much of the directory's memory in it as can change what this user reads: whom they have declined. */
  seenBy(user: number, state: State): State {
    const number = state.at(-1) as number;
    const seen = this.#seen.recall(user, number, () =>
      this.#stores.directory(seenBy(this.names[user] as string, this.#stores.directories.value(number))),
    );
    return state.with(-1, seen);
  }

  #directory(state: State): DirectorySnapshot {
    return this.#stores.directories.value(state.at(-1) as number);
  }

  /** Nothing waits anywhere. */
  isQuiet(state: State): boolean {
    return this.names.every((_, user) => state[upAt(user)] === 0 && state[downAt(user)] === 0);
  }

  /** See `UserSteps.doesTheSame`. */
  doesTheSame(other: Composite): boolean {
    return this.#stores.steps.doesTheSame(other.#stores.steps);
  }

  /** See `UserSteps.hasReceived`. */
  hasReceived(path: string, type: string): boolean {
    return this.#stores.steps.hasReceived(path, type);
  }

  /** The state that stands for all that differ only in who is who, and the number of the renaming that leads to it. */
  representative(state: State): { state: State; renaming: number } {
    let best = state;
    let renaming = 0;
    for (let number = 1; number < this.#renamings.length; number++) {
      const candidate = (this.#renamings[number] as Renaming).apply(state, best);
      if (candidate === undefined) continue;
      best = candidate;
      renaming = number;
    }
    return { state: best, renaming };
  }

  get renamingCount(): number {
    return this.#renamings.length;
  }

  /** Who a user is after a renaming. */
  renamed(user: number, renaming: number): number {
    return (this.#renamings[renaming] as Renaming).order[user] as number;
  }

  /** The message the lobby would take next from a user, in words. */
  nextUp(state: State, user: number): string {
    return inWords(this.#stores.ups.first(state[upAt(user)] as number));
  }

  /** The message a user's session would take next, in words. */
  nextDown(state: State, user: number): string {
    return inWords(this.#stores.downs.first(state[downAt(user)] as number));
  }

  /** Everything that can happen in a state. */
  moves(state: State): Move[] {
    const moves: Move[] = [];
    const { evictions, lateClocks, names, underWay } = this.#options;
    const rows = this.rows(state);
    for (let user = 0; user < this.names.length; user++) {
      const { typing, doing } = this.#moves[user] as UserMoves;
      const { session, isConnected } = this.charts(state, user);
      const waitingUp = this.#stores.ups.value(state[upAt(user)] as number).length;
      if (session.status !== 'active') {
        if (waitingUp === 0) moves.push(doing.connects);
      } else {
        if (isConnected) {
          if (waitingUp < underWay && !session.hasTag('waiting')) moves.push(...(typing[pathOf(session.value)] ?? []));
          if (!session.hasTag('waiting')) moves.push(doing['types no text']);
          moves.push(doing['hangs up']);
        }
        if (evictions)
          moves.push(doing['is told to go'], doing['is too slow'], doing['is removed'], doing['meets a bug']);
        if (state[downAt(user)] !== 0) moves.push(doing.hears);
      }
      if (waitingUp > 0) moves.push(doing['asks the lobby']);
      if (names && user === 0) moves.push(doing['sees the file of names change']);
      if (evictions && this.#claims(state, user)) moves.push(doing['asks in vain']);
      const row = rows.find((candidate) => candidate.session === this.names[user]);
      const isRinging = row?.state === 'requesting' && row.partner !== undefined;
      if (isRinging || (lateClocks && session.status === 'active')) moves.push(doing['runs out of time']);
      if (row && evictions) moves.push(doing['is evicted']);
    }
    if (isMomentary(this.#directory(state), this.#askRules.declineWaitMs)) {
      moves.push((this.#moves[0] as UserMoves).doing['lets a minute pass']);
    }
    return moves;
  }

  /** Whether there is anything to hear or to ask, somebody to type, and so on. */
  isPossible(state: State, { user, kind }: Move): boolean {
    const { session, isConnected } = this.charts(state, user);
    const isActive = session.status === 'active';
    if (kind === 'asks the lobby') return state[upAt(user)] !== 0;
    if (kind === 'asks in vain') return this.#claims(state, user);
    if (kind === 'hears') return isActive && state[downAt(user)] !== 0;
    if (kind === 'types' || kind === 'types no text') return isActive && isConnected && !session.hasTag('waiting');
    if (kind === 'hangs up') return isActive && isConnected;
    if (kind === 'connects') return !isActive && state[upAt(user)] === 0;
    if (kind === 'is evicted') return this.rows(state).some((row) => row.session === this.names[user]);
    return kind === 'runs out of time' || kind === 'lets a minute pass' || isActive;
  }

  /** Makes a move; undefined if it has to wait because a way down is full, or too many lines wait already. */
  make(state: State, { user, kind, text = '' }: Move): Outcome | undefined {
    const model = new SystemModel(this.#stores, this.names, state, this.#options);
    const charts = state[chartsAt(user)] as number;
    let done = true;
    if (kind === 'connects') model.step(user, this.#stores.steps.connect());
    else if (kind === 'lets a minute pass')
      model.state[model.state.length - 1] = this.#stores.directory(aMinuteAfter(this.#directory(state)));
    else if (kind === 'types') done = this.#type(model, user, text);
    else if (kind === 'hangs up') model.step(user, this.#stores.steps.hear(charts, connectionClosed));
    else if (kind === 'is told to go') model.step(user, this.#stores.steps.hear(charts, serverClosing));
    else if (kind === 'is too slow') model.step(user, this.#stores.steps.hear(charts, limitReached));
    else if (kind === 'is removed') model.step(user, this.#stores.steps.hear(charts, removedByOperator));
    else if (kind === 'meets a bug') model.step(user, this.#stores.steps.hear(charts, sessionFailed));
    else if (kind === 'types no text') model.step(user, this.#stores.steps.hear(charts, lineRefused));
    else if (kind === 'asks in vain') done = this.#refuseUnchecked(model, user);
    else if (kind === 'hears') done = this.#hear(model, user);
    else if (kind === 'asks the lobby') done = this.#askLobby(model, user);
    else if (kind === 'sees the file of names change') model.changeNames();
    else if (kind === 'runs out of time') done = this.#decide(model, user, expiry);
    else done = this.#decide(model, user, eviction);
    return done ? model.outcome() : undefined;
  }

  /** What is wrong with a state, apart from the step that led to it. */
  judge(state: State): string | undefined {
    const directory = state.at(-1) as number;
    const rows = this.rows(state);
    if (!this.#disagreements.has(directory)) this.#disagreements.set(directory, disagreements(rows));
    const wrong = this.#disagreements.get(directory);
    if (wrong || !this.isQuiet(state)) return wrong;
    return silenceIsFine(
      this.names.map((name, user) => ({ name, ...this.charts(state, user) })),
      rows,
    );
  }

  /** True if the directory would take an id claim of this user next. */
  #claims(state: State, user: number): boolean {
    return state[upAt(user)] !== 0 && this.#stores.ups.first(state[upAt(user)] as number).type === 'id.claim';
  }

  /** The directory can't be asked: the claim is refused, and nobody knows if the id is free. */
  #refuseUnchecked(model: SystemModel, user: number): boolean {
    model.takeUp(user);
    return model.down(user, unchecked);
  }

  #type(model: SystemModel, user: number, text: string): boolean {
    const { chat, room, session } = model.charts(user);
    model.step(user, this.#stores.steps.type(model.state[chartsAt(user)] as number, text));
    if (text !== 'hello') return true;
    const line = notices.said(session.context.userId, text);
    if (room) model.tellRoom(line, user);
    return chat === 0 || this.#relay(model, user, chat, line);
  }

  /** The way of a chat line: to a partner in this chat, and to one who is about to hear of it when they do. */
  #relay(model: SystemModel, from: number, chat: number, line: string): boolean {
    for (let user = 0; user < this.names.length; user++) {
      if (user === from) continue;
      if (model.charts(user).chat === chat) model.read(user, line);
      else if (model.willStart(user, chat)) {
        const early = model.state[earlyAt(user)] as number;
        if (early >= this.#options.underWay) return false;
        model.state[earlyAt(user)] = early + 1;
      }
    }
    return true;
  }

  /** What the lobby makes of a session's next message: a claim or a proof may have to wait for a password. */
  #askLobby(model: SystemModel, user: number): boolean {
    const up = model.takeUp(user);
    if (up.type === 'proof.wrong') return model.down(user, unproved);
    const isAboutId = up.type === 'id.claim' || up.type === 'id.prove';
    if (!isAboutId) return this.#decide(model, user, up);
    const actions = this.#onId({ ...up, session: this.names[user] as string }, model.hasNames);
    if (actions.includes('requireProof')) return model.down(user, { type: 'proof.required', id: up.id });
    if (!actions.includes('checkProof')) return this.#decide(model, user, up as Decidable);
    // A password is compared with the file as it is then; a line that is gone has none.
    const isRight = up.type === 'id.prove' && up.password === rightPassword && model.hasNames;
    model.upFirst(user, isRight ? takeOf(up.id) : proofWrong);
    return true;
  }

  /** An id that has been granted may have got a password meanwhile. */
  #hear(model: SystemModel, user: number): boolean {
    const down = model.takeDown(user);
    if (down.type === 'id.granted' && !this.#admit(model, user, down)) return true;
    const early = down.type === 'chat.started' ? (model.state[earlyAt(user)] as number) : 0;
    model.step(user, this.#stores.steps.hear(model.state[chartsAt(user)] as number, down, early));
    if (down.type === 'chat.started') model.state[earlyAt(user)] = 0;
    return true;
  }

  /** False if the lobby lets this user not go on. Who goes on has said the password, or nobody has to. */
  #admit(model: SystemModel, user: number, update: Extract<SessionUpdate, { type: 'id.granted' }>): boolean {
    const session = this.names[user] as string;
    const actions = this.#onId({ type: 'directory.updated', session, update }, model.hasNames);
    if (actions.includes('evictUser')) {
      model.step(user, this.#stores.steps.hear(model.state[chartsAt(user)] as number, evicted), 'concealed');
      return false;
    }
    if (model.hasNames && !update.isProved) model.blame(user, `gets ${update.id} without its password`);
    if (actions.includes('announceTakeover')) model.tellMenu(notices.disconnected(update.id), user);
    model.tellMenu(notices.joinedServer(update.id), user);
    return true;
  }

  #decide(model: SystemModel, user: number, request: Decidable): boolean {
    const fresh = request.type === 'request.make' ? model.freshPairing() : 0;
    const before = model.state.at(-1) as number;
    const { directory, told, violation } = this.#decisions.recall(request, (before * 4 + user) * 64 + fresh, () =>
      this.#decision(before, user, request, fresh),
    );
    model.state[model.state.length - 1] = directory;
    if (violation) model.blame(user, violation);
    for (const [to, update] of told) {
      if (!model.down(this.names.indexOf(to), update)) return false;
    }
    return true;
  }

  /** What the real directory does with a request. */
  #decision(before: number, user: number, request: Decidable, fresh: number): Decision {
    const name = this.names[user] as string;
    const told: [string, SessionUpdate][] = [];
    const restore = this.#options.restoreDirectory ?? restoreOurs;
    const snapshot = { ...this.#stores.directories.value(before), lastPairingId: fresh - 1 };
    const options = { askRules: this.#askRules };
    const directory = restore(snapshot, (to, update) => told.push([to, update]), options);
    if (request.type === 'gone') directory.remove(name);
    else if (request.type === 'expire') directory.expire(name);
    else if (request.type === 'evict') {
      directory.remove(name);
      told.push([name, { type: 'session.evicted' }]);
    } else directory.send(name, request);
    const after = directory.snapshot();
    const lapses = [
      request.type === 'request.make' ? untrueAnswer(snapshot, this.#askRules, name, request.target, told) : undefined,
      forgotten(snapshot, request, name, told, after, this.#askRules),
      request.type === 'id.claim' && told.some(([, { type }]) => type === 'session.evicted')
        ? 'takes an id away without its password'
        : undefined,
    ];
    const number = this.#stores.directory({ ...after, hasNames: snapshot.hasNames });
    return { directory: number, told, violation: lapses.find((lapse) => lapse !== undefined) };
  }
}

const restoreOurs: RestoreDirectory = (snapshot, notify, options) =>
  MemoryDirectory.restore(snapshot, notify, MemoryDirectory, options);

function inWords({ type, ...details }: { type: string }): string {
  return [type, ...Object.entries(details).map(([key, value]) => `${key} ${value}`)].join(', ');
}
