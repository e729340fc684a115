/**
 * One user of the explored system: the session chart that runs for them, and the dialogue chart that judges what
 * they read.
 *
 * Owns: single steps of the real charts, each computed once and remembered. The session's actions are the ones the server
 * runs (`connectSessionMachine`), the texts are the ones it sends, and the judge sees nothing but texts.
 * Knows nothing of queues or of the directory: see `composite.ts`.
 */
import { type AnyMachineSnapshot, type AnyTransitionDefinition, createActor, fromTransition } from 'xstate';
import type { Command } from '../../machines/lobby.machine.ts';
import { protocolMachine } from '../../machines/protocol.machine.ts';
import { isRelayedLine, type SessionEvent, sessionMachine } from '../../machines/session.machine.ts';
import { connectSessionMachine, type SessionSide, withIdTries } from '../../src/chat/sessionActions.ts';
import { notices, replies } from '../../src/protocol/replies.ts';
import { readSentences } from '../../src/protocol/sentences.ts';
import { menuOptions } from '../support/wireTexts.ts';
import { InternPool, Memo } from './internPool.ts';
import { Stepper } from './stepper.ts';

/** What a user's actions have opened, as the lobby would see it. */
interface Wiring {
  /** True until one of the two sides has ended the connection. */
  isConnected: boolean;
  hearsPresence: boolean;
  /** The pairing whose lines this user's channel carries; 0 for none. */
  chat: number;
  /** One more than the lines that are kept for a partner who is away; 0 if the partner is there. */
  held: number;
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
  /** The text the user read, and `fin` after it if the server has ended the connection. */
  read: string;
  /** 'joined' and 'left' are told to those in the common room. */
  room: 'joined' | 'left' | undefined;
  /** So many lines that were kept go to the partner now. */
  released: number;
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
  /** True if the server ends the connection. */
  ends: boolean;
  room: 'joined' | 'left' | undefined;
  released: number;
  /** True if the state had no transition for the update. */
  unexpected: boolean;
  branches: readonly string[];
}

interface RememberedStep {
  before: AnyMachineSnapshot | undefined;
  event: SessionEvent | undefined;
  wiring: Wiring;
  early: number;
  step: SessionStep;
  facts: string;
}

/** The password of every id. */
export const rightPassword = 'key';

/** Every line a user may type; the charts tell them apart by these. */
export const typedLines = (
  id: string,
  others: readonly string[],
  contested: readonly string[],
): Record<string, readonly string[]> => ({
  'identifying.prompting': [id, ...contested, '-'],
  'identifying.proving': [rightPassword, 'guess'],
  'online.menu.choosing': [...menuOptions, '9'],
  'online.requesting.naming': [...others, id, 'nobody', 'exit()'],
  'online.requesting.awaiting.ringing': ['exit()', 'hello'],
  'online.confirming.answering': ['y', 'n', 'never', '/help', 'maybe'],
  'online.chatting.talking': ['exit()', 'hello', '/help', ''],
  'online.chatting.alone': ['exit()', 'hello', '/help', ''],
  'online.commonRoom': ['exit()', 'hello', '/help', ''],
});

/** Those of them that lead back to a chat, for whoever wants this id, and out of it. */
export const linesOfReturn = (wanted: string): Record<string, readonly string[]> => ({
  'identifying.prompting': [wanted],
  'identifying.proving': [rightPassword],
  'online.chatting.talking': ['exit()', 'hello'],
  'online.chatting.alone': ['exit()', 'hello'],
});

const dialogueStepper = new Stepper(protocolMachine);

/** What a user reads last if the server has ended the connection: no line of the server looks like this. */
export const fin = '[FIN]';

/** More lines than ever overtake an update in an exploration. */
const mostEarly = 16;

const unconnected: Wiring = { isConnected: false, hearsPresence: false, chat: 0, held: 0, room: false };

/** What a step is if the chart has no part in it. */
const nothingDone = {
  ...{ commands: [], said: '', ends: false, room: undefined, released: 0, unexpected: false, branches: [] },
};

export class UserSteps {
  readonly #machine: typeof sessionMachine;
  readonly #stepper: Stepper;
  readonly charts = new InternPool<UserCharts>();
  readonly #sessionSteps = new Map<string, RememberedStep>();
  readonly #typed = new Memo<Step>();
  readonly #heard = new Memo<Step>();
  readonly #wasRead = new Memo<Step>();
  #connected: Step | undefined;

  // Filled by the actions while a session steps.
  #said = '';
  #commands: Command[] = [];
  #wiring: Wiring = unconnected;
  #ends = false;
  #early = 0;
  #room: 'joined' | 'left' | undefined;
  #released = 0;

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
      // The fewest tries with which refused ids are counted.
      withIdTries(2, machine),
    );
    this.#stepper = new Stepper(this.#machine);
  }

  /**
   * Whether the other's chart does the same as this one's in every step taken so far. After a complete exploration it means
   * that nobody can tell the two apart: they never do anything else.
   */
  doesTheSame(other: UserSteps): boolean {
    const adopted = new Map<AnyMachineSnapshot, AnyMachineSnapshot>();
    const adopt = (session: AnyMachineSnapshot): AnyMachineSnapshot => {
      const same = adopted.get(session) ?? (other.#machine.resolveState(session as never) as AnyMachineSnapshot);
      adopted.set(session, same);
      return same;
    };
    for (const { before, event, wiring, early, facts } of this.#sessionSteps.values()) {
      try {
        if (facts !== factsOf(other.#sessionStep(before && adopt(before), event, wiring, early))) return false;
      } catch {
        // An action of the other chart fails at this event, which this chart's never do.
        return false;
      }
    }
    return true;
  }

  /** Whether a session has got an event of this type in this state, in the steps taken so far. */
  hasReceived(path: string, type: string): boolean {
    for (const { before, event } of this.#sessionSteps.values()) {
      if (event?.type === type && before?.status === 'active' && pathOf(before.value) === path) return true;
    }
    return false;
  }

  /** Somebody who has just connected, with what they have read. */
  connect(): Step {
    const fresh = createActor(protocolMachine).getSnapshot();
    const wiring = { ...unconnected, isConnected: true };
    this.#connected ??= this.#judge({ ...this.#sessionStep(undefined, undefined, wiring), dialogue: fresh });
    return this.#connected;
  }

  type(charts: number, text: string): Step {
    return this.#typed.recall(text, charts, () => {
      const { session, dialogue, ...wiring } = this.charts.value(charts);
      const isRelayed = (wiring.chat !== 0 || wiring.room) && isRelayedLine(text);
      const held = isRelayed && wiring.held > 0 ? wiring.held + 1 : wiring.held;
      const stepped = isRelayed
        ? { ...nothingDone, session, wiring: { ...wiring, held } }
        : this.#sessionStep(session, lineOf(session, text), wiring);
      return this.#judge({ ...stepped, dialogue: dialogueStepper.step(dialogue, { type: 'line.typed', text }) });
    });
  }

  /**
   * SessionUpdate or the end of the connection reach the session. So many lines have overtaken the update that their chat
   * has started: they are shown as soon as its channel opens.
   */
  hear(charts: number, event: SessionEvent, early = 0): Step {
    return this.#heard.recall(event, charts * mostEarly + early, () => {
      const { session, dialogue, ...wiring } = this.charts.value(charts);
      const isLost = event.type === 'limit.reached' && event.limit === 'unreachable';
      const hangsUp = event.type === 'connection.closed' || isLost;
      const before = { ...wiring, isConnected: wiring.isConnected && !hangsUp };
      const stepped = this.#sessionStep(session, event, before, early);
      // Who has hung up before reads nothing more.
      return this.#judge({ ...stepped, dialogue, ...(!wiring.isConnected && { said: '', ends: false }) }, hangsUp);
    });
  }

  /** A line about or from somebody else reaches the screen directly. */
  read(charts: number, text: string): Step {
    return this.#wasRead.recall(text, charts, () => {
      const { session, dialogue, ...wiring } = this.charts.value(charts);
      return this.#judge({ ...nothingDone, session, wiring, said: text, dialogue });
    });
  }

  /** The same user under other names. */
  rename(charts: number, rename: (json: string) => string): number {
    const { session, dialogue, ...wiring } = this.charts.value(charts);
    const renamed = {
      session: { ...session, context: JSON.parse(rename(JSON.stringify(session.context))) },
      dialogue: { ...dialogue, context: JSON.parse(rename(JSON.stringify(dialogue.context))) },
      ...wiring,
    } as UserCharts;
    return this.charts.number(renamed, chartsKey(renamed));
  }

  /** One step of the real session chart with its real actions. */
  #sessionStep(
    before: AnyMachineSnapshot | undefined,
    event: SessionEvent | undefined,
    wiring: Wiring,
    early = 0,
  ): SessionStep {
    const key = `${before && sessionKey(before)} ${JSON.stringify(event)} ${JSON.stringify(wiring)} ${early}`;
    const known = this.#sessionSteps.get(key);
    if (known) return known.step;
    this.#said = '';
    this.#commands = [];
    this.#room = undefined;
    this.#released = 0;
    this.#ends = false;
    this.#wiring = { ...wiring };
    this.#early = early;
    const taken = before && event ? (this.#machine.getTransitionData(before as never, event) ?? []) : [];
    const session = before && event ? this.#stepper.step(before, event) : this.#start();
    const result: SessionStep = {
      session,
      wiring: this.#wiring,
      commands: this.#commands,
      said: this.#said,
      ends: this.#ends,
      room: this.#room,
      released: this.#released,
      unexpected: event !== undefined && event.type !== 'line.received' && taken.length === 0,
      branches: taken.map(branchId),
    };
    this.#sessionSteps.set(key, { before, event, wiring, early, step: result, facts: factsOf(result) });
    return result;
  }

  #start(): AnyMachineSnapshot {
    const actor = createActor(this.#machine);
    // XState would throw it later, and elsewhere.
    const failures: unknown[] = [];
    actor.subscribe({ error: (error) => failures.push(error) });
    actor.start();
    if (failures.length > 0) throw failures[0];
    const session = actor.getSnapshot();
    actor.stop();
    return session;
  }

  #judge(stepped: SessionStep & { dialogue: AnyMachineSnapshot }, hangsUp = false): Step {
    let { dialogue } = stepped;
    let violation = stepped.unexpected ? 'gets an update that its state has no transition for' : undefined;
    const { sentences, rest } = readSentences(stepped.said);
    if (rest !== '') violation = `reads ${JSON.stringify(rest)}, which is no sentence of the protocol`;
    for (const sentence of sentences) {
      if ((protocolMachine.getTransitionData(dialogue as never, sentence) ?? []).length === 0) {
        violation = `reads ${JSON.stringify(sentence)}, which is forbidden in ${JSON.stringify(dialogue.value)}`;
      }
      dialogue = dialogueStepper.step(dialogue, sentence);
    }
    const isDue = hangsUp || (dialogue.matches('over') && stepped.said !== '');
    if (stepped.ends !== isDue) violation ??= stepped.ends ? 'loses the connection without a word' : 'gets no FIN';
    const charts: UserCharts = { session: stepped.session, dialogue, ...stepped.wiring };
    return {
      next: this.charts.number(charts, chartsKey(charts)),
      commands: stepped.commands,
      read: stepped.ends ? stepped.said + fin : stepped.said,
      room: stepped.room,
      released: stepped.released,
      violation,
      branches: stepped.branches,
    };
  }

  #side(): SessionSide {
    const say: SessionSide['say'] = (reply, { userId, partner }, event) => {
      // What is said behind a prompt begins on a line of its own.
      if (this.#said !== '' && !this.#said.endsWith('\n')) this.#said += '\n';
      this.#said += replies[reply]({
        userId,
        ...{ partner, event },
        online: {
          rows: () => [{ id: userId, session: userId, state: 'menu', partner: undefined }],
          ...{ onlineCount: 1, roomCount: 1 },
        },
        roomHistory: { text: '' },
        maxLineBytes: 1,
      });
    };
    return {
      say,
      interject: say,
      noteLimit: () => {},
      hearPresence: () => {
        this.#wiring.hearsPresence = true;
      },
      mutePresence: () => {
        this.#wiring.hearsPresence = false;
      },
      openChatChannel: ({ pairingId }, event) => {
        this.#wiring.chat = pairingId;
        this.#released = Math.max(0, this.#wiring.held - 1);
        this.#wiring.held = 0;
        const chat = event.type === 'id.granted' ? event.chat : event.type === 'chat.started' ? event : undefined;
        if (chat?.pairingId !== pairingId) return;
        this.#said += notices.said(chat.partnerId, 'hello').repeat(this.#early);
      },
      channel: {
        hold: () => {
          this.#wiring.held = 1;
        },
      },
      openRoomChannel: () => {
        this.#wiring.room = true;
        this.#room = 'joined';
      },
      closeChannel: () => {
        if (this.#wiring.room) this.#room = 'left';
        this.#wiring.chat = 0;
        this.#wiring.held = 0;
        this.#wiring.room = false;
      },
      hangUp: () => {
        this.#ends = true;
        this.#wiring.isConnected = false;
      },
    };
  }
}

function lineOf(session: AnyMachineSnapshot, text: string): SessionEvent {
  return { type: 'line.received', ...(session.hasTag('secret') ? { text: '', secret: text } : { text }) };
}

/** All that a step of a session does to anybody. */
function factsOf({ session, branches: _, ...rest }: SessionStep): string {
  return sessionKey(session) + JSON.stringify(rest);
}

/** Equal for sessions that can't be told apart by what they do next. */
function sessionKey(session: AnyMachineSnapshot): string {
  return `${session.status} ${JSON.stringify(session.value)} ${JSON.stringify(session.context)}`;
}

function chartsKey({ session, dialogue, isConnected, hearsPresence, chat, held, room }: UserCharts): string {
  const wiring = `${isConnected} ${hearsPresence} ${chat} ${held} ${room}`;
  if (session.status !== 'active' && !isConnected) return `gone | ${wiring}`;
  return `${sessionKey(session)} | ${JSON.stringify(dialogue.value)} ${JSON.stringify(dialogue.context)} | ${wiring}`;
}

/** The name of a transition: the state that has it, its event, and its place among those for that event. */
function branchId(taken: AnyTransitionDefinition): string {
  const siblings = taken.source.transitions.get(taken.eventType) ?? [];
  return `${taken.source.id} ${taken.eventType}[${siblings.indexOf(taken as never)}]`;
}

/** `online.menu.choosing` for `{ online: { menu: 'choosing' } }`. */
export function pathOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const [[key, inner]] = Object.entries(value as object) as [[string, unknown]];
  return `${key}.${pathOf(inner)}`;
}
