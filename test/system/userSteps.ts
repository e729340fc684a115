/**
 * One user of the explored system: the session chart that runs for them, and the dialogue chart that judges what
 * they read.
 *
 * Owns: single steps of the real charts, each computed once and remembered. The session's actions are the ones the server
 * runs (`connectSessionMachine`), the texts are the ones it sends, and the judge sees nothing but texts.
 * Knows nothing of queues or of the directory: see `composite.ts`.
 */
import {
  type AnyEventObject,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  createActor,
  fromTransition,
} from 'xstate';
import type { Command } from '../../machines/lobby.machine.ts';
import { protocolMachine } from '../../machines/protocol.machine.ts';
import { isRelayedLine, type SessionEvent, sessionMachine } from '../../machines/session.machine.ts';
import { connectSessionMachine, type SessionSide } from '../../src/chat/sessionActions.ts';
import { replies } from '../../src/protocol/replies.ts';
import { readSentences, type Sentence } from '../../src/protocol/sentences.ts';
import { menuOptions } from '../support/wireTexts.ts';
import { InternPool, Memo } from './internPool.ts';

/** What a user's actions have opened, as the lobby would see it. */
interface Wiring {
  hearsPresence: boolean;
  /** The pairing whose lines this user's channel carries; 0 for none. */
  chat: number;
  room: boolean;
}

export interface UserCharts extends Wiring {
  readonly session: AnyMachineSnapshot;
  readonly dialogue: AnyMachineSnapshot;
}

/** What one step did to the world around the user. */
export interface Step {
  next: number;
  commands: Command[];
  /** The text the user read. */
  read: string;
  /** 'joined' and 'left' are told to those in the common room. */
  room: 'joined' | 'left' | undefined;
  /** A sentence for the report if the step broke a rule. */
  violation: string | undefined;
  /** The transitions the session chart took, as `<source> <event>[<index>]`. */
  branches: readonly string[];
}

/** What one step of the session chart did, before anybody has judged it. */
interface SessionStep {
  session: AnyMachineSnapshot;
  wiring: Wiring;
  commands: Command[];
  said: string;
  room: 'joined' | 'left' | undefined;
  /** True if the state had no transition for the update. */
  unexpected: boolean;
  branches: readonly string[];
}

interface RememberedStep {
  before: AnyMachineSnapshot | undefined;
  event: SessionEvent | undefined;
  wiring: Wiring;
  step: SessionStep;
}

/** Every line a user may type; the charts tell them apart by these. */
export const typedLines = (
  id: string,
  others: readonly string[],
  contested: readonly string[],
): Record<string, readonly string[]> => ({
  'identifying.prompting': [id, ...contested, '-'],
  'online.menu.choosing': [...menuOptions, '9'],
  'online.requesting.naming': [...others, id, 'nobody', 'exit()'],
  'online.requesting.awaiting.ringing': ['exit()', 'hello'],
  'online.confirming.answering': ['y', 'n', 'maybe'],
  'online.chatting.talking': ['exit()', 'hello'],
  'online.commonRoom': ['exit()', 'hello'],
});

export class UserSteps {
  readonly #machine: typeof sessionMachine;
  readonly charts = new InternPool<UserCharts>();
  readonly #sessionSteps = new Map<string, RememberedStep>();
  readonly #typed = new Memo<Step>();
  readonly #heard = new Memo<Step>();
  readonly #wasRead = new Memo<Step>();
  #connected: Step | undefined;

  // Filled by the desk while a session steps.
  #said = '';
  #commands: Command[] = [];
  #wiring: Wiring = { hearsPresence: false, chat: 0, room: false };
  #room: 'joined' | 'left' | undefined;

  constructor(machine: typeof sessionMachine = sessionMachine) {
    const lobby = createActor(
      fromTransition((_, { session, ...command }: { type: string; session: string }) => {
        this.#commands.push(command as Command);
        return null;
      }, null),
    ).start();
    const side = this.#side();
    this.#machine = connectSessionMachine(
      () => lobby as never,
      () => side,
      machine,
    );
  }

  /**
   * Whether another chart does the same as this one in every step taken so far; how many steps that are.
   * After a complete exploration it means that nobody can tell the two apart: they never do anything else.
   */
  doesTheSame(machine: typeof sessionMachine): { same: boolean; steps: number } {
    const other = new UserSteps(machine);
    const facts = ({ session, branches: _, ...rest }: SessionStep): string =>
      sessionKey(session) + JSON.stringify(rest);
    for (const { before, event, wiring, step } of this.#sessionSteps.values()) {
      if (facts(step) !== facts(other.#sessionStep(before, event, wiring))) return { same: false, steps: 0 };
    }
    return { same: true, steps: this.#sessionSteps.size };
  }

  /** Somebody who has just connected, with what they have read. */
  connect(): Step {
    const fresh = createActor(protocolMachine).getSnapshot();
    const wiring = { hearsPresence: false, chat: 0, room: false };
    this.#connected ??= this.#judge({ ...this.#sessionStep(undefined, undefined, wiring), dialogue: fresh });
    return this.#connected;
  }

  type(charts: number, text: string): Step {
    return this.#typed.recall(text, charts, () => {
      const { session, dialogue, ...wiring } = this.charts.value(charts);
      const isRelayed = (wiring.chat !== 0 || wiring.room) && isRelayedLine(text);
      const stepped = isRelayed
        ? { session, wiring, commands: [], said: '', room: undefined, unexpected: false, branches: [] }
        : this.#sessionStep(session, { type: 'line.received', text }, wiring);
      return this.#judge({ ...stepped, dialogue: stepDialogue(dialogue, { type: 'line.typed', text }) });
    });
  }

  /** SessionUpdate or the end of the connection reach the session. */
  hear(charts: number, event: SessionEvent): Step {
    return this.#heard.recall(event, charts, () => {
      const { session, dialogue, ...wiring } = this.charts.value(charts);
      return this.#judge({ ...this.#sessionStep(session, event, wiring), dialogue });
    });
  }

  /** A line about or from somebody else reaches the screen directly. */
  read(charts: number, text: string): Step {
    return this.#wasRead.recall(text, charts, () => {
      const { session, dialogue, ...wiring } = this.charts.value(charts);
      const stepped = { session, wiring, commands: [], room: undefined, unexpected: false, branches: [] };
      return this.#judge({ ...stepped, said: text, dialogue });
    });
  }

  /** The same user under other names. */
  rename(charts: number, rename: (json: string) => string): number {
    const { session, dialogue, ...wiring } = this.charts.value(charts);
    const renamed = {
      session: { ...session, context: JSON.parse(rename(JSON.stringify(session.context))) },
      dialogue: stepDialogue({ ...dialogue, context: JSON.parse(rename(JSON.stringify(dialogue.context))) } as never),
      ...wiring,
    } as UserCharts;
    Object.setPrototypeOf(renamed.session, Object.getPrototypeOf(session));
    return this.charts.number(renamed, chartsKey(renamed));
  }

  /** One step of the real session chart with its real actions. */
  #sessionStep(before: AnyMachineSnapshot | undefined, event: SessionEvent | undefined, wiring: Wiring): SessionStep {
    const key = `${before && sessionKey(before)} ${JSON.stringify(event)} ${JSON.stringify(wiring)}`;
    const known = this.#sessionSteps.get(key);
    if (known) return known.step;
    this.#said = '';
    this.#commands = [];
    this.#room = undefined;
    this.#wiring = { ...wiring };
    const branches: string[] = [];
    const actor = createActor(this.#machine, {
      ...(before && { snapshot: before as never }),
      inspect: (inspection) => {
        if (inspection.type === '@xstate.microstep') branches.push(...branchIds(inspection));
      },
    });
    actor.subscribe({ error: () => {} });
    actor.start();
    const unexpected =
      event !== undefined &&
      event.type !== 'line.received' &&
      !hasTransition(this.#machine, actor.getSnapshot(), event);
    if (event) actor.send(event);
    const session = actor.getPersistedSnapshot() as AnyMachineSnapshot;
    const result = {
      session: this.#machine.resolveState({
        ...session,
        value: session.value,
        context: session.context,
      } as never) as never as AnyMachineSnapshot,
      wiring: this.#wiring,
      commands: this.#commands,
      said: this.#said,
      room: this.#room,
      unexpected,
      branches,
    };
    if (actor.getSnapshot().status === 'active') actor.stop();
    this.#sessionSteps.set(key, { before, event, wiring, step: result });
    return result;
  }

  #judge(stepped: SessionStep & { dialogue: AnyMachineSnapshot }): Step {
    let { dialogue } = stepped;
    let violation = stepped.unexpected ? 'gets an update that its state has no transition for' : undefined;
    const { sentences, rest } = readSentences(stepped.said);
    if (rest !== '') violation = `reads ${JSON.stringify(rest)}, which is no sentence of the protocol`;
    for (const sentence of sentences) {
      if (!hasTransition(protocolMachine, dialogue, sentence)) {
        violation = `reads ${JSON.stringify(sentence)}, which is forbidden in ${JSON.stringify(dialogue.value)}`;
      }
      dialogue = stepDialogue(dialogue, sentence);
    }
    const charts: UserCharts = { session: stepped.session, dialogue, ...stepped.wiring };
    return {
      next: this.charts.number(charts, chartsKey(charts)),
      commands: stepped.commands,
      read: stepped.said,
      room: stepped.room,
      violation,
      branches: stepped.branches,
    };
  }

  #side(): SessionSide {
    return {
      say: (reply, { userId, partner }, event) => {
        this.#said += replies[reply]({
          userId,
          ...{ partner, event },
          online: {
            rows: () => [{ id: userId, session: userId, state: 'menu', partner: undefined }],
            ...{ onlineCount: 1, roomCount: 1 },
          },
          roomHistory: { text: '' },
        });
      },
      hearPresence: () => {
        this.#wiring.hearsPresence = true;
      },
      mutePresence: () => {
        this.#wiring.hearsPresence = false;
      },
      openChatChannel: ({ pairingId }) => {
        this.#wiring.chat = pairingId;
      },
      openRoomChannel: () => {
        this.#wiring.room = true;
        this.#room = 'joined';
      },
      closeChannel: () => {
        if (this.#wiring.room) this.#room = 'left';
        this.#wiring.chat = 0;
        this.#wiring.room = false;
      },
      hangUp: () => {},
    };
  }
}

/** Unlike `snapshot.can`, true also for a transition that does nothing on purpose. */
function hasTransition(machine: AnyStateMachine, snapshot: AnyMachineSnapshot, event: AnyEventObject): boolean {
  return (machine.getTransitionData(snapshot, event)?.length ?? 0) > 0;
}

/** Equal for sessions that can't be told apart by what they do next. */
function sessionKey(session: AnyMachineSnapshot): string {
  return `${session.status} ${JSON.stringify(session.value)} ${JSON.stringify(session.context)}`;
}

function chartsKey({ session, dialogue, hearsPresence, chat, room }: UserCharts): string {
  if (session.status !== 'active') return `gone | ${hearsPresence} ${chat} ${room}`;
  return `${sessionKey(session)} | ${JSON.stringify(dialogue.value)} ${JSON.stringify(dialogue.context)} | ${hearsPresence} ${chat} ${room}`;
}

function stepDialogue(dialogue: AnyMachineSnapshot, event?: Sentence | { type: 'line.typed'; text: string }) {
  const actor = createActor(protocolMachine, { snapshot: dialogue as never }).start();
  if (event) actor.send(event);
  const next = actor.getSnapshot();
  actor.stop();
  return next as AnyMachineSnapshot;
}

/** The names of the transitions a microstep took. */
function branchIds(inspection: object): string[] {
  const { _transitions } = inspection as { _transitions: { source: BranchSource; eventType: string }[] };
  return _transitions.map((transition) => {
    const siblings = transition.source.transitions.get(transition.eventType) ?? [];
    return `${transition.source.id} ${transition.eventType}[${siblings.indexOf(transition)}]`;
  });
}

interface BranchSource {
  id: string;
  transitions: Map<string, unknown[]>;
}

/** `online.menu.choosing` for `{ online: { menu: 'choosing' } }`. */
export function pathOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const [[key, inner]] = Object.entries(value as object) as [[string, unknown]];
  return `${key}.${pathOf(inner)}`;
}
