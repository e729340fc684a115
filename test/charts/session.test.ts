/** The session chart, place by place: what it accepts, where that leads, what is said and asked of the lobby on the way. */
import { describe, expect, it } from 'vitest';
import { createActor, initialTransition } from 'xstate';
import { type SessionEvent, sessionMachine } from '../../machines/session.machine.ts';
import { withIdTries } from '../../src/chat/sessionActions.ts';
import { limits } from '../../src/config/limits.ts';
import { numberOfNoOption } from '../support/wireTexts.ts';
import {
  arriveAt,
  begin,
  everyEvent,
  hear,
  hungUp,
  line,
  type Place,
  places,
  play,
  refusedLine,
  update,
} from './sessionScript.ts';

/** From, event, to, and what is done: replies said, requests to the lobby, direct ways opened and shut. */
type Row = [event: SessionEvent, to: Place, does: string[]];

const menu = ['hearPresence', 'say menu'];

/** The connection is lost in a chat: the user may come back. */
const lost: Row[] = [
  [hungUp, 'online.away', ['closeChannel', 'hangUp', 'suspendChat']],
  [update.unreachable, 'online.away', ['closeChannel', 'hangUp', 'suspendChat']],
];

const rows: Record<Place, Row[]> = {
  'identifying.prompting': [
    [line('lior'), 'identifying.claiming', ['claimId']],
    [line('not an id'), 'identifying.prompting', ['say idNotAcceptable']],
  ],
  'identifying.claiming': [
    [update.idGranted, 'online.menu.choosing', menu],
    [update.back, 'online.chatting.talking', ['say chatResumed', 'openChatChannel']],
    [update.backAlone, 'online.chatting.alone', ['say chatResumed', 'openChatChannel', 'holdLines', 'say partnerAway']],
    [update.idRefused, 'identifying.prompting', ['say idTaken']],
    [update.idUnchecked, 'identifying.prompting', ['say idTaken']],
    [update.idUnproved, 'identifying.prompting', ['say idTaken']],
    [update.proofRequired, 'identifying.proving', ['say proofPrompt']],
  ],
  'identifying.proving': [[line('sesame'), 'identifying.claiming', ['proveId']]],
  'online.menu.choosing': [
    [line('1'), 'online.menu.moving', ['leaveMenu requesting']],
    [line('2'), 'closed', ['mutePresence', 'say farewell', 'hangUp']],
    [line('3'), 'online.menu.moving', ['leaveMenu commonRoom']],
    [line('4'), 'online.menu.choosing', ['say userList', 'say menu']],
    [line(numberOfNoOption), 'online.menu.choosing', ['say invalidOption', 'say menu']],
    [line('exit()'), 'online.menu.choosing', ['say invalidOption', 'say menu']],
    [update.asked, 'online.confirming.answering', ['mutePresence', 'say question']],
  ],
  'online.menu.moving': [
    [update.asked, 'online.menu.moving', []],
    [update.withdrawn, 'online.menu.moving', []],
    [update.expired, 'online.menu.moving', []],
    [update.movedToRequesting, 'online.requesting.naming', ['mutePresence', 'say targetPrompt']],
    [update.movedToRoom, 'online.commonRoom', ['mutePresence', 'openRoomChannel', 'say roomJoined']],
    [update.moveRefused, 'online.confirming.answering', ['mutePresence', 'say question']],
  ],
  'online.requesting.naming': [
    [line('exit()'), 'online.menu.choosing', ['returnToMenu', ...menu]],
    [line('golan'), 'online.requesting.looking', ['makeRequest']],
  ],
  'online.requesting.looking': [
    [update.delivered, 'online.requesting.awaiting.ringing', []],
    [update.refused, 'online.menu.choosing', ['say requestRefused', ...menu]],
  ],
  'online.requesting.awaiting.ringing': [
    [line('exit()'), 'online.requesting.awaiting.withdrawing', ['withdrawRequest']],
    [line('hurry up'), 'online.requesting.awaiting.ringing', ['say stillWaiting']],
    [update.refused, 'online.menu.choosing', ['say requestRefused', ...menu]],
    [update.declined, 'online.menu.choosing', ['say requestDenied', ...menu]],
    [update.expired, 'online.menu.choosing', ['say requestExpired', ...menu]],
    [update.started, 'online.chatting.talking', ['say chatStarted', 'openChatChannel']],
  ],
  'online.requesting.awaiting.withdrawing': [
    [update.withdrawn, 'online.menu.choosing', ['say youWithdrew', ...menu]],
    [update.refused, 'online.menu.choosing', ['say requestRefused', ...menu]],
    [update.declined, 'online.menu.choosing', ['say requestDenied', ...menu]],
    [update.expired, 'online.menu.choosing', ['say requestExpired', ...menu]],
    [update.started, 'online.chatting.talking', ['say chatStarted', 'openChatChannel']],
  ],
  'online.confirming.answering': [
    [line('y'), 'online.confirming.deciding', ['acceptRequest']],
    [line('n'), 'online.confirming.deciding', ['declineRequest']],
    [line('never'), 'online.confirming.deciding', ['refuseAsker']],
    [line('/help'), 'online.confirming.answering', ['say howToAnswer', 'say question']],
    [line('maybe'), 'online.confirming.answering', ['say question']],
    [line('exit()'), 'online.confirming.answering', ['say question']],
    [update.withdrawn, 'online.menu.choosing', ['say askerWithdrew', ...menu]],
    [update.expired, 'online.menu.choosing', ['say requestExpired', ...menu]],
  ],
  'online.confirming.deciding': [
    [update.started, 'online.chatting.talking', ['say chatStarted', 'openChatChannel']],
    [update.declined, 'online.menu.choosing', ['say requestDenied', ...menu]],
    [update.declinedAgain, 'online.menu.choosing', ['say requestDenied', 'say neverHint', ...menu]],
    [update.withdrawn, 'online.menu.choosing', ['say askerWithdrew', ...menu]],
    [update.expired, 'online.menu.choosing', ['say requestExpired', ...menu]],
  ],
  'online.chatting.talking': [
    [line('exit()'), 'online.chatting.leaving', ['leaveChat']],
    ...['Exit()', 'EXIT()', 'exit ()', ' exit( ) '].map(
      (text): Row => [line(text), 'online.chatting.leaving', ['leaveChat']],
    ),
    [line('hey how are u?'), 'online.chatting.talking', []],
    ...['', '   ', '\t', '\u3000', '\u2800'].map((text): Row => [line(text), 'online.chatting.talking', []]),
    ...['/help', '/quit', ' /EXIT ', '/quit bye'].map(
      (text): Row => [line(text), 'online.chatting.talking', ['say howToLeave']],
    ),
    [update.ended, 'online.menu.choosing', ['closeChannel', 'say partnerLeft', ...menu]],
    [update.partnerAway, 'online.chatting.alone', ['holdLines', 'say partnerAway']],
    ...lost,
  ],
  'online.chatting.alone': [
    [line('exit()'), 'online.chatting.leaving', ['leaveChat']],
    [line('/help'), 'online.chatting.alone', ['say howToLeave']],
    [line('are you there?'), 'online.chatting.alone', []],
    [update.ended, 'online.menu.choosing', ['closeChannel', 'say partnerLeft', ...menu]],
    [update.partnerBack, 'online.chatting.talking', ['say partnerBack', 'openChatChannel']],
    ...lost,
  ],
  'online.chatting.leaving': [
    [update.ended, 'online.menu.choosing', ['closeChannel', 'say youLeftChat', ...menu]],
    [update.partnerAway, 'online.chatting.leaving', []],
    [update.partnerBack, 'online.chatting.leaving', []],
    ...lost,
  ],
  'online.away': [
    [update.awayTooLong, 'closed', ['hangUp']],
    [update.ended, 'closed', ['hangUp']],
    [update.partnerAway, 'online.away', []],
    [update.partnerBack, 'online.away', []],
  ],
  'online.commonRoom': [
    [line('exit()'), 'online.menu.choosing', ['closeChannel', 'returnToMenu', 'say youLeftRoom', ...menu]],
    [line('EXIT()'), 'online.menu.choosing', ['closeChannel', 'returnToMenu', 'say youLeftRoom', ...menu]],
    [line('hello all'), 'online.commonRoom', []],
    [line(' '), 'online.commonRoom', []],
    [line('/help'), 'online.commonRoom', ['say howToLeave']],
  ],
  // Final: the actor has stopped, see below.
  closed: [],
};

/** Heard everywhere, and the end wherever the table says nothing else. */
const endings: [event: SessionEvent, says: string[]][] = [
  [hungUp, []],
  [update.evicted, ['say evicted']],
  [update.removed, ['say removed']],
  [update.closing, ['say serverClosing']],
  [update.limited, ['say limitReached']],
  [update.unreachable, ['say limitReached']],
  [update.failed, ['say fault']],
];

/** What has to be shut on the way out of a place. */
const shuts: Partial<Record<Place, string[]>> = {
  'online.menu.choosing': ['mutePresence'],
  'online.menu.moving': ['mutePresence'],
  'online.chatting.talking': ['closeChannel'],
  'online.chatting.alone': ['closeChannel'],
  'online.chatting.leaving': ['closeChannel'],
  'online.commonRoom': ['closeChannel'],
};

const nameOf = (event: SessionEvent) =>
  event.type === 'line.received' ? `"${event.text}"` : Object.values(event).join(' ');

describe('a new connection', () => {
  it('is asked for its id', () => {
    expect(begin()).toMatchObject({ place: 'identifying.prompting', does: ['say idPrompt'] });
  });
});

const open = places.filter((place) => place !== 'closed');

describe.each(open.map((from) => ({ from, table: rows[from] })))('in $from', ({ from, table }) => {
  for (const [event, to, does] of table) {
    const where = to === from ? 'nowhere else' : to;
    it(`${nameOf(event)} leads to ${where} and does ${does.join(', ') || 'nothing'}`, () => {
      expect(hear(arriveAt(from), event)).toMatchObject({ place: to, does });
    });
  }

  it('a refused line leads nowhere else and does interject lineRefused', () => {
    expect(hear(arriveAt(from), refusedLine)).toMatchObject({ place: from, does: ['interject lineRefused'] });
  });

  const heard = new Set([...[...table, ...endings].map(([event]) => event.type), refusedLine.type]);
  const ignored = everyEvent.filter(({ type }) => !heard.has(type));

  it.each(ignored.map((event) => ({ name: nameOf(event), event })))('$name is ignored', ({ event }) => {
    const before = arriveAt(from);
    const { place, does, snapshot } = hear(before, event);
    expect({ place, does, context: snapshot.context }).toEqual({ place: from, does: [], context: before.context });
  });

  const ends = endings.filter(([event]) => !table.some(([other]) => other === event));

  it.each(ends.map(([event, says]) => ({ name: nameOf(event), event, says })))('$name ends it', ({ event, says }) => {
    expect(hear(arriveAt(from), event)).toMatchObject({
      place: 'closed',
      does: [...(shuts[from] ?? []), ...says, 'hangUp'],
      snapshot: { status: 'done' },
    });
  });
});

describe('in closed', () => {
  it('the actor is done, so nothing is heard any more', () => {
    expect(arriveAt('closed').status).toBe('done');
  });
});

describe('while a verdict is out', () => {
  const waiting: Place[] = [
    'identifying.claiming',
    'online.menu.moving',
    'online.requesting.looking',
    'online.requesting.awaiting.withdrawing',
    'online.confirming.deciding',
    'online.chatting.leaving',
  ];

  it.each(places)('the tag tells of it: %s', (place) => {
    expect(arriveAt(place).hasTag('waiting')).toBe(waiting.includes(place));
  });
});

describe('refused ids', () => {
  const tooMany = ['noteLimit idTries', 'say tooManyIds', 'hangUp'];
  const begun = (idTries: number) => initialTransition(withIdTries(idTries))[0];

  it.each<[string, SessionEvent[], Place, string[]]>([
    ['are counted', [line('-'), line('-')], 'identifying.prompting', ['say idNotAcceptable']],
    [
      'end the session with the last try',
      [line('-'), line('-'), line('-')],
      'closed',
      ['say idNotAcceptable', ...tooMany],
    ],
    [
      'count whether they are taken or no ids',
      [line('-'), line('a'), update.idRefused, line('a'), update.idRefused],
      'closed',
      ['say idTaken', ...tooMany],
    ],
    [
      'count for nothing where nobody could be asked',
      [line('-'), line('-'), line('a'), update.idUnchecked],
      'identifying.prompting',
      ['say idTaken'],
    ],
    ['are no lines that were refused', Array(9).fill(refusedLine), 'identifying.prompting', ['interject lineRefused']],
  ])('%s', (_, events, place, does) => {
    const before = play(begun(3), events.slice(0, -1));
    expect(hear(before, events.at(-1) as SessionEvent)).toMatchObject({ place, does });
  });

  it('end the session at the first one, if that is the limit', () => {
    expect(hear(begun(1), line('-')).place).toBe('closed');
  });

  it('are forgotten once an id was granted', () => {
    expect(play(begun(3), [line('-'), line('a'), update.idGranted]).context).toMatchObject({ refusedIds: 0 });
  });

  it('have the server’s limit, unless another one is given', () => {
    expect(begin().snapshot.context.idTries).toBe(limits.idTries);
  });
});

describe('the table', () => {
  it('takes every transition of the chart', () => {
    const written = new Set<string>();
    for (const node of allNodes(sessionMachine.root)) {
      for (const transition of [...node.transitions.values()].flat()) written.add(idOf(transition));
    }
    const taken = new Set<string>();
    for (const from of open) {
      for (const [event] of [...rows[from], ...endings, [refusedLine]] as [SessionEvent][]) {
        for (const id of takenBy(arriveAt(from), event)) taken.add(id);
      }
    }
    const onLastTry = initialTransition(withIdTries(1))[0];
    for (const [before, event] of [
      [onLastTry, line('-')],
      [play(onLastTry, [line('a')]), update.idRefused],
    ] as const) {
      for (const id of takenBy(before, event)) taken.add(id);
    }
    expect([...written].filter((id) => !taken.has(id))).toEqual([]);
  });
});

type Node = typeof sessionMachine.root;
type Transition = Pick<NonNullable<ReturnType<Node['transitions']['get']>>[number], 'source' | 'eventType'>;

function allNodes(node: Node): Node[] {
  return [node, ...Object.values(node.states).flatMap((child) => allNodes(child as Node))];
}

/** A transition's place in the chart: state, event, and its position among the alternatives. */
function idOf(transition: Transition): string {
  const { source, eventType } = transition;
  const alternatives: unknown[] = source.transitions.get(eventType) ?? [];
  return `${source.id} on ${eventType} [${alternatives.indexOf(transition)}]`;
}

function takenBy(snapshot: ReturnType<typeof arriveAt>, event: SessionEvent): string[] {
  const taken: string[] = [];
  const actor = createActor(sessionMachine, {
    snapshot,
    inspect: (inspected) => {
      if (inspected.type === '@xstate.microstep' && inspected.event === event) {
        taken.push(...(inspected._transitions as unknown as Transition[]).map(idOf));
      }
    },
  });
  actor.start();
  actor.send(event);
  return taken;
}
