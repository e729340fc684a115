/**
 * The whole system with late answers: N users' sessions, the real directory, and queues between them.
 *
 * Owns: every move that is possible in a composite state. A session's commands wait in its way up until the directory
 * takes them; verdicts and updates wait in its way down until the session takes them; lines take no time, as in the server,
 * so they may overtake updates; users may type, hang up, be evicted or run out of time at every moment.
 */
import type { DirectoryUpdate, SessionEvent } from '../../machines/events.ts';
import { directoryEvent } from '../../machines/lobby.machine.ts';
import type { DirectorySnapshot } from '../../src/chat/directory/memoryDirectory.ts';
import type { AskRules } from '../../src/chat/directory/requestMemory.ts';
import { notices } from '../../src/protocol/replies.ts';
import { disagreements, isAway, silenceIsFine } from './agreement.ts';
import { askRulesOf, type Decision, decisionOf } from './directoryDecision.ts';
import { type IdDecisions, idDecisions, secondTake } from './idDecisions.ts';
import { Memo } from './internPool.ts';
import { aMinuteAfter, isMomentary, seenBy } from './keptInMind.ts';
import {
  awayEnded,
  chartsAt,
  type Decidable,
  downAt,
  earlyAt,
  evicted,
  eviction,
  expiry,
  heardAtOnce,
  inWords,
  perUser,
  proofWrong,
  type State,
  Stores,
  takeOf,
  unchecked,
  unproved,
  upAt,
} from './messages.ts';
import { type CompositeOptions, type Move, movesOf, type UserMoves } from './moves.ts';
import { permutations, Renaming } from './renaming.ts';
import { brokenPromise, isUnkept } from './returning.ts';
import { type Outcome, SystemModel } from './systemModel.ts';
import { pathOf, rightPassword, type Step, type UserCharts } from './userSteps.ts';

/** So many lines are kept for a partner who is away. */
const mostHeld = 1;

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
    this.#askRules = askRulesOf(options);
    this.names = ['ann', 'ben', 'cat', 'dan'].slice(0, options.users);
    // Where each has a part of their own, nobody stands for another.
    const orders = options.returns ? 1 : undefined;
    this.#renamings = permutations(options.users)
      .slice(0, orders)
      .map((order) => new Renaming(this.#stores, this.names, order));
    this.#moves = this.names.map((_, user) => movesOf(options, this.names, user));
  }

  /** Everybody has just connected; with `returns` the first two are in a chat already. */
  initial(): Outcome {
    const connected = this.#connected();
    if (!this.#options.returns) return connected;
    const [first = '', second = ''] = this.names;
    const steps: readonly [user: number, ...typedOrTaken: string[]][] = [
      ...[first, second].map((name, user) => [user, name, rightPassword] as [number, ...string[]]),
      [0, '1', second],
      [1, 'y'],
    ];
    return steps.reduce((outcome, [user, ...texts]) => this.#played(outcome, user, texts), connected);
  }

  /** Types this, one line after the other, and lets all that follows happen at once. */
  #played(from: Outcome, user: number, texts: readonly string[]): Outcome {
    let outcome = from;
    const make = (move: Move): void => {
      outcome = this.make(outcome.state, move) ?? outcome;
    };
    for (const text of texts) {
      make({ user, kind: 'types', text });
      while (!this.isQuiet(outcome.state)) {
        for (let each = 0; each < this.names.length; each++) {
          if (outcome.state[upAt(each)] !== 0) make({ user: each, kind: 'asks the lobby' });
          if (outcome.state[downAt(each)] !== 0) make({ user: each, kind: 'hears' });
        }
      }
    }
    return outcome;
  }

  #connected(): Outcome {
    const state: State = new Array(this.names.length * perUser + 1).fill(0);
    const step = this.#stores.steps.connect();
    this.names.forEach((_, user) => {
      state[chartsAt(user)] = step.next;
    });
    state[state.length - 1] = this.#stores.directory({
      rows: [],
      hasNames: this.#options.names || this.#options.returns,
    });
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
    const { evictions, lateClocks, names, returns, underWay } = this.#options;
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
          if (!session.hasTag('waiting') && !returns) moves.push(doing['types no text']);
          moves.push(doing['hangs up']);
        }
        if (evictions)
          moves.push(doing['is told to go'], doing['is too slow'], doing['is removed'], doing['meets a bug']);
        if (evictions && isConnected) moves.push(doing['is unreachable']);
        if ((names || returns) && isAway(session)) moves.push(doing['stays away too long']);
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
    if (kind === 'hangs up' || kind === 'is unreachable') return isActive && isConnected;
    if (kind === 'stays away too long') return isActive && isAway(session);
    if (kind === 'connects') return !isActive && state[upAt(user)] === 0;
    if (kind === 'is evicted') return this.rows(state).some((row) => row.session === this.names[user]);
    return kind === 'runs out of time' || kind === 'lets a minute pass' || isActive;
  }

  /** Makes a move; undefined if it has to wait because a way down is full, or too many lines wait already. */
  make(state: State, { user, kind, text = '' }: Move): Outcome | undefined {
    const model = new SystemModel(this.#stores, this.names, state, this.#options);
    let done = true;
    const event = heardAtOnce[kind];
    if (event !== undefined) this.#take(model, user, event);
    else if (kind === 'connects') model.step(user, this.#stores.steps.connect());
    else if (kind === 'lets a minute pass')
      model.state[model.state.length - 1] = this.#stores.directory(aMinuteAfter(this.#directory(state)));
    else if (kind === 'types') done = this.#type(model, user, text);
    else if (kind === 'stays away too long') done = model.down(user, awayEnded);
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
    const { chat, held, room, session } = model.charts(user);
    if (held > mostHeld && text === 'hello') return false;
    if (isUnkept(model.charts(user))) model.blame(user, 'says something to nobody');
    model.step(user, this.#stores.steps.type(model.state[chartsAt(user)] as number, text));
    if (text !== 'hello') return true;
    const line = notices.said(session.context.userId, text);
    if (room) model.tellRoom(line, user);
    return chat === 0 || held > 0 || this.#relay(model, user, chat, line);
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

  /**
   * What the lobby makes of a session's next message: a claim or a proof may have to wait for a password, and who is away
   * may have no name to come back with.
   */
  #askLobby(model: SystemModel, user: number): boolean {
    const up = model.takeUp(user);
    if (up.type === 'proof.wrong') return model.down(user, unproved);
    const isLobbys = up.type === 'id.claim' || up.type === 'id.prove' || up.type === 'chat.suspend';
    if (!isLobbys) return this.#decide(model, user, up);
    const actions = this.#onId({ ...up, session: this.names[user] as string }, model.hasNames);
    if (actions.includes('endAway')) return model.down(user, awayEnded);
    if (up.type === 'chat.suspend') return this.#decide(model, user, up);
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
    if (down.type === 'take.delayed' || down.type === 'connection.doubted') {
      const again = secondTake(this.#onId, this.names[user] as string, down);
      if (again !== undefined) model.up(user, again);
      return true;
    }
    if (down.type === 'id.granted' && !this.#admit(model, user, down)) return true;
    const isStart = down.type === 'chat.started' || (down.type === 'id.granted' && down.chat !== undefined);
    const early = isStart ? (model.state[earlyAt(user)] as number) : 0;
    const step = this.#take(model, user, down, early);
    if (isStart) model.state[earlyAt(user)] = 0;
    const { chat, session } = model.charts(user);
    const line = notices.said(session.context.userId, 'hello');
    for (let count = 0; count < step.released; count++) {
      if (!this.#relay(model, user, chat, line)) return false;
    }
    return true;
  }

  #take(model: SystemModel, user: number, event: SessionEvent, early = 0): Step {
    const before = model.charts(user);
    const step = this.#stores.steps.hear(model.state[chartsAt(user)] as number, event, early);
    model.step(user, step);
    const { names, returns } = this.#options;
    const after = this.#stores.steps.charts.value(step.next);
    const broken = names || returns ? brokenPromise(before, event, after, step) : undefined;
    if (broken !== undefined) model.blame(user, broken);
    return step;
  }

  /** False if the lobby lets this user not go on. Who goes on has said the password, or nobody has to. */
  #admit(model: SystemModel, user: number, update: Extract<DirectoryUpdate, { type: 'id.granted' }>): boolean {
    const actions = this.#onId(directoryEvent(this.names[user] as string, update), model.hasNames);
    if (actions.includes('evictUser')) {
      model.step(user, this.#stores.steps.hear(model.state[chartsAt(user)] as number, evicted), 'concealed');
      return false;
    }
    if (model.hasNames && !update.isProved) model.blame(user, `gets ${update.id} without its password`);
    if (actions.includes('announceTakeover')) model.tellMenu(notices.disconnected(update.id), user);
    if (actions.includes('announceArrival')) model.tellMenu(notices.joinedServer(update.id), user);
    return true;
  }

  #decide(model: SystemModel, user: number, request: Decidable): boolean {
    const fresh = request.type === 'request.make' ? model.freshPairing() : 0;
    const before = model.state.at(-1) as number;
    const { directory, told, violation } = this.#decisions.recall(request, (before * 4 + user) * 64 + fresh, () =>
      decisionOf(request, this.names[user] as string, fresh, before, this.#stores, this.#options),
    );
    model.state[model.state.length - 1] = directory;
    if (violation) model.blame(user, violation);
    for (const [to, update] of told) {
      if (!model.down(this.names.indexOf(to), update)) return false;
    }
    return true;
  }
}
