/**
 * What a server of the protocol says to two people, step by step: the lobby and the charts of this very program, in memory.
 *
 * Owns: the people, and what each of them reads at each step. Everything is answered at once, and no time passes.
 * Next: `dialogues.ts` (which steps), `play.ts` (the same steps at a real server).
 */
import type { AnyActor } from 'xstate';
import type { SessionId } from '../../machines/events.ts';
import { transitionIdsOf } from '../chart/graph.ts';
import { MemoryDirectory } from '../chat/directory/memoryDirectory.ts';
import { type PairingDecisions, pairingDecisions } from '../chat/directory/pairingDecisions.ts';
import { Lobby } from '../chat/lobby.ts';
import type { SessionConnection } from '../chat/session.ts';
import { limits } from '../config/limits.ts';
import type { Features } from '../protocol/dialect.ts';
import type { Clock } from '../runtime/clock.ts';
import { createLog } from '../runtime/log.ts';

/** The people of a dialogue, by number; at a real server they have longer names. */
export const names = ['ann', 'ben'] as const;

export type Step =
  | { user: number; does: 'connects' | 'hangs up' }
  /** A line without its end. */
  | { user: number; does: 'types'; text: string };

/** What came of a step. */
export interface Outcome {
  /** By user, everything that was read. */
  readonly read: readonly string[];
  /** By user, whether the server has ended the connection. */
  readonly ended: readonly boolean[];
  /** The transitions of the session chart that were taken, by their id. */
  readonly transitions: readonly string[];
}

const noTime: Clock = { setTimeout: () => undefined, clearTimeout: () => {}, now: () => 0 };
const forever = 2 ** 31 - 1;
const log = createLog('silent');

interface Person {
  text: string;
  hasEnded: boolean;
  session: SessionId;
  user: Parameters<SessionConnection['attach']>[0] | undefined;
}

/** What a server may keep in mind of earlier requests. */
export type PeaceFeatures = Pick<Features, 'never' | 'declineWait' | 'askedPerMinute'>;

/** The decisions of a server that has no never to tell of. */
const hintless: PairingDecisions = new Map(
  [...pairingDecisions].map(([state, decisions]) => {
    const plain = decisions.get('target.decline');
    return [state, plain === undefined ? decisions : new Map([...decisions, ['target.declineAgain', plain]])] as const;
  }),
);

export class Reference {
  readonly #lobby: Lobby;
  readonly #people: (Person | undefined)[] = names.map(() => undefined);
  #transitions: string[] = [];

  constructor({ never, declineWait, askedPerMinute }: PeaceFeatures) {
    const askRules = {
      askedPerMinute: askedPerMinute ?? 0,
      declineWaitMs: declineWait ? limits.declineWaitMs : 0,
      now: () => 0,
    };
    const decisions = never ? pairingDecisions : hintless;
    this.#lobby = new Lobby({
      ...{ ...limits, rateLimit: 0, requestsPerMinute: 0, roomHistory: 0, idTries: forever, announceLimit: forever },
      ...{ idTimeoutMs: forever, requestTimeoutMs: forever, clock: noTime, log },
      createDirectory: (notify) => new MemoryDirectory(notify, { askRules, decisions }),
    });
    this.#lobby.actor.system.inspect((inspected) => {
      if (inspected.type !== '@xstate.microstep' || inspected.actorRef === this.#lobby.actor) return;
      const { logic } = inspected.actorRef as AnyActor & { logic: Parameters<typeof transitionIdsOf>[0] };
      const ids = idsOf(logic);
      for (const each of inspected._transitions ?? []) this.#transitions.push(ids.get(each) ?? '');
    });
  }

  perform(step: Step): Outcome {
    this.#transitions = [];
    const person = this.#people[step.user];
    if (step.does === 'connects') this.#connect(step.user);
    else if (step.does === 'types') person?.user?.receive({ lines: step.text });
    else {
      this.#people[step.user] = undefined;
      person?.user?.receive('end');
      person?.user?.closed();
    }
    const outcome = {
      read: this.#people.map((each) => each?.text ?? ''),
      ended: this.#people.map((each) => each?.hasEnded ?? false),
      transitions: this.#transitions,
    };
    for (const [user, each] of this.#people.entries()) {
      if (each === undefined) continue;
      each.text = '';
      if (each.hasEnded) this.#people[user] = undefined;
    }
    return outcome;
  }

  /** Who is connected. */
  isHere(user: number): boolean {
    return this.#people[user] !== undefined;
  }

  /** True if somebody goes under the other one's name. */
  hasForeignId(user: number): boolean {
    const person = this.#people[user];
    const id = person && this.#lobby.directory.rowOf(person.session)?.id;
    return id !== undefined && id !== names[user];
  }

  /** The same for any two moments at which the server would do the same from then on. */
  get key(): string {
    const places = this.#people.map((each) => {
      if (each === undefined) return 'away';
      const snapshot = this.#lobby.sessions.get(each.session)?.actor?.getSnapshot();
      return `${JSON.stringify(snapshot?.value)} ${snapshot?.context.userId} ${snapshot?.context.partner}`;
    });
    return places.join(' | ');
  }

  #connect(number: number): void {
    const person: Person = { text: '', hasEnded: false, session: '', user: undefined };
    this.#lobby.open({
      remoteAddress: '',
      attach: (user) => {
        person.user = user;
      },
      write: (text) => {
        person.text += text;
      },
      end: () => {
        person.hasEnded = true;
        queueMicrotask(() => person.user?.closed());
      },
      pause: () => {},
      resume: () => {},
      needsDrain: false,
      onceDrained: () => {},
    });
    person.session = [...this.#lobby.sessions.keys()].at(-1) as SessionId;
    this.#people[number] = person;
  }
}

/** Made once for each machine: a lobby has one of its own. */
const knownIds = new WeakMap<object, ReturnType<typeof transitionIdsOf>>();

function idsOf(machine: Parameters<typeof transitionIdsOf>[0]): ReturnType<typeof transitionIdsOf> {
  let ids = knownIds.get(machine);
  if (ids === undefined) {
    ids = transitionIdsOf(machine);
    knownIds.set(machine, ids);
  }
  return ids;
}
