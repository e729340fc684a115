/**
 * The directory in memory does with every pairing what the pairing chart says: in every decision that three users can ask
 * for, an actor of the chart is asked too. `../cluster/everyDecision.system.test.ts` asks the Lua.
 */
import { describe, expect, it } from 'vitest';
import { createActor } from 'xstate';
import type { DirectoryUpdate } from '../../machines/events.ts';
import { type PairingEvent, type PairingRole, pairingMachine } from '../../machines/pairing.machine.ts';
import type { DirectorySnapshot } from '../../src/chat/directory/memoryDirectory.ts';
import { minuteMs } from '../system/keptInMind.ts';
import { type Asked, type Circle, circles, everyDecision, type Told } from './directoryGraph.ts';

type Row = DirectorySnapshot['rows'][number];

const decisions = Object.values<Circle>(circles).flatMap((circle) =>
  everyDecision(circle).flatMap(({ snapshot, decisions: inState }) =>
    inState.map((each) => ({ ...each, snapshot, isKept: circle.remembers })),
  ),
);

/** The event of a pairing that a command is, if it comes from this side. */
const verbs: Partial<Record<Asked['type'], string>> = {
  'request.accept': 'accept',
  'request.decline': 'decline',
  'asker.refuse': 'refuse',
  'request.withdraw': 'withdraw',
  'request.expire': 'expire',
  'chat.leave': 'leave',
  'chat.suspend': 'lost',
  gone: 'gone',
};

interface Concerned {
  state: string;
  event: string;
  users: { asker: Row; target: Row };
}

/** True for an id in a chat whose holder was not asked yet if anybody is still there. */
function isDelayed({ rows }: DirectorySnapshot, session: string, asked: Asked): boolean {
  if (asked.type !== 'id.take' || rows.some((each) => each.session === session)) return false;
  const owner = rows.find(({ id }) => id.toLowerCase() === asked.id.toLowerCase());
  return owner?.state === 'chatting' && asked.doubted !== owner.session;
}

/** The pairing of a user before a command, and the event that the command is for it; undefined if it means none. */
function concerned(snapshot: DirectorySnapshot, session: string, asked: Asked): Concerned | undefined {
  const { rows, askedBefore } = snapshot;
  const row = rows.find((each) => each.session === session);
  if (asked.type === 'id.take') {
    const owner = rows.find(({ id }) => id.toLowerCase() === asked.id.toLowerCase());
    if (row || !owner || isDelayed(snapshot, session, asked)) return undefined;
    const other = owner.state === 'away' && rows.find(({ id }) => id === owner.partner);
    // Who comes back has another session.
    if (other)
      return { state: 'chatting', event: 'asker.back', users: { asker: { ...owner, session }, target: other } };
    return concerned(snapshot, owner.session, { type: 'gone' });
  }
  if (row === undefined) return undefined;
  const partner = rows.find(({ id }) => id === row.partner);
  const verb = verbs[asked.type];
  if (partner !== undefined && verb !== undefined) {
    if ('pairingId' in asked && asked.pairingId !== row.pairingId) return undefined;
    const role = row.state === 'confirming' ? 'target' : 'asker';
    const state = ['chatting', 'away'].includes(row.state) ? 'chatting' : 'asked';
    const users = role === 'asker' ? { asker: row, target: partner } : { asker: partner, target: row };
    const isAgain = verb === 'decline' && wasDeclined(askedBefore, row.id, partner.id);
    return { state, event: `${role}.${verb}${isAgain ? 'Again' : ''}`, users };
  }
  if (asked.type !== 'request.make' || row.state !== 'requesting' || partner !== undefined) return undefined;
  const target = rows.find(({ id }) => id.toLowerCase() === asked.target.toLowerCase());
  const users = { asker: row, target: target ?? row };
  if (target === undefined) return { state: 'named', event: 'target.unknown', users };
  if (target === row) return { state: 'named', event: 'target.self', users };
  if (target.state !== 'menu') return { state: 'named', event: 'target.busy', users };
  const names = namesOf(row);
  if (names.some((name) => target.refuses?.includes(name))) return { state: 'named', event: 'target.refusing', users };
  if (names.some((name) => wasDeclined(askedBefore, target.id, name, minuteMs)))
    return { state: 'named', event: 'target.resting', users };
  // What is known of a minute in which they were asked once is that they must not be asked again.
  const isTooMuch = askedBefore?.asked.some(([id]) => id === target.id) ?? false;
  return { state: 'named', event: isTooMuch ? 'target.askedTooOften' : 'target.free', users };
}

/** The names by which somebody is declined and refused. */
function namesOf({ id, network }: Row): string[] {
  return network === undefined ? [id] : [id, `@${network}`];
}

/** What is kept in mind, in words: when who was asked, and when who has declined whom. */
function keptIn({ askedBefore }: DirectorySnapshot): string[] {
  const asked = askedBefore?.asked.map(([target, times]) => `${target} asked ${times}`) ?? [];
  return [...asked, ...(askedBefore?.declined ?? []).map((each) => each.join(' '))].sort();
}

/** The same, after the chart has said what has to be kept. */
function keptAfter(before: DirectorySnapshot, remembered: string[], { asker, target }: Record<PairingRole, Row>) {
  const news = [
    ...(remembered.includes('asked') ? [`${target.id} asked 0`] : []),
    ...(remembered.includes('declined') ? namesOf(asker).map((name) => `${target.id} ${name} 0`) : []),
  ];
  const isOld = (each: string): boolean => news.every((one) => one.replace(/ 0$/, '') !== each.replace(/ -?\d+$/, ''));
  return [...keptIn(before).filter(isOld), ...news].sort();
}

function wasDeclined(
  before: DirectorySnapshot['askedBefore'],
  target: string,
  name: string,
  withinMs = Number.POSITIVE_INFINITY,
): boolean {
  return before?.declined.some((each) => each[0] === target && each[1] === name && -each[2] < withinMs) ?? false;
}

/** What an actor of the chart does, in the directory's terms. */
function askChart(
  state: string,
  event: string,
  users: Record<PairingRole, Row>,
  pairingId: number,
): { told: Told[]; placed: Map<string, string>; remembered: string[]; isOver: boolean } {
  const told: Told[] = [];
  const placed = new Map<string, string>();
  const remembered: string[] = [];
  const machine = pairingMachine.provide({
    actions: {
      tell: (_, { whom, update, reason, isRepeated }) => {
        const partner = users[whom === 'asker' ? 'target' : 'asker'];
        const details: Partial<Record<DirectoryUpdate['type'], object>> = {
          'request.refused': { reason },
          'request.received': { askerId: partner.id, pairingId },
          'chat.started': { partnerId: partner.id, partnerSession: partner.session, pairingId },
          'partner.back': { partnerSession: partner.session, pairingId },
          'request.declined': { pairingId, ...(isRepeated && { isRepeated }) },
        };
        told.push({
          to: users[whom].session,
          update: { type: update, ...(details[update] ?? { pairingId }) } as DirectoryUpdate,
        });
      },
      remember: (_, { what }) => {
        remembered.push(what);
      },
      place: (_, params) => {
        for (const [role, where] of Object.entries(params)) placed.set(users[role as PairingRole].session, where);
      },
    },
  });
  const actor = createActor(machine, { snapshot: machine.resolveState({ value: state as 'asked' }) });
  actor.start();
  actor.send({ type: event } as PairingEvent);
  return { told, placed, remembered, isOver: actor.getSnapshot().status === 'done' };
}

describe('in every decision that three users can ask for, the directory', () => {
  const pairings = decisions.filter(({ snapshot, question: { session, asked } }) =>
    concerned(snapshot, session, asked),
  );

  it('does with the pairing what the chart says', () => {
    for (const { snapshot, question, after, told, isKept } of pairings) {
      const { rows, lastPairingId } = snapshot;
      const { state, event, users } = concerned(snapshot, question.session, question.asked) as Concerned;
      const number = state === 'named' ? lastPairingId + 1 : lastPairingId;
      const chart = askChart(state, event, users, number);
      const gone = event.endsWith('.gone') ? users[event.split('.')[0] as PairingRole].session : '';
      const isBack = event === 'asker.back';
      const isSelf = (row: Row): boolean => isBack && row.id === users.asker.id;
      const expected = rows
        .map((row) => (isSelf(row) ? users.asker : row))
        .sort((a, b) => (a.session < b.session ? -1 : 1))
        .filter(({ session }) => session !== gone)
        .map((row) => {
          const where = chart.placed.get(row.session);
          if (where === undefined) return row;
          const partner = row.session === users.asker.session ? users.target : users.asker;
          const isRefusing = isKept && row === users.target && chart.remembered.includes('refused');
          return {
            ...row,
            ...(isRefusing && { refuses: [...(row.refuses ?? []), ...namesOf(users.asker)] }),
            state: where,
            ...(chart.isOver
              ? { partner: undefined, pairingId: 0 }
              : { partner: partner.id, pairingId: lastPairingId }),
          };
        });
      const isTaken = question.asked.type === 'id.take';
      const others = after.snapshot.rows.filter(({ session }) => isBack || !isTaken || session !== question.session);
      const toldOthers = told.filter(
        ({ to, update }) => !isTaken || (to !== question.session && update.type !== 'session.evicted'),
      );
      expect({ question, told: toldOthers, rows: others }).toEqual({ question, told: chart.told, rows: expected });
      const kept = isKept ? keptAfter(snapshot, chart.remembered, users) : [];
      expect({ question, kept: keptIn(after.snapshot) }).toEqual({ question, kept });
    }
    console.log(`the directory does as the pairing chart: ${pairings.length} of ${decisions.length} decisions`);
  });

  it('touches no pairing where the chart is not asked', () => {
    const others = decisions.filter((decision) => !pairings.includes(decision));
    const pairsIn = ({ rows }: DirectorySnapshot) => rows.filter(({ partner }) => partner !== undefined);
    for (const { snapshot, question, after, told } of others) {
      expect({ question, pairs: pairsIn(after.snapshot) }).toEqual({ question, pairs: pairsIn(snapshot) });
      if (isDelayed(snapshot, question.session, question.asked)) continue;
      const others = told.filter(({ to, update }) => to !== question.session && update.type !== 'session.evicted');
      expect(others).toEqual([]);
    }
  });

  it('asks first if whoever has an id in a chat is still there, and changes nothing', () => {
    const delayed = decisions.filter(({ snapshot, question }) => isDelayed(snapshot, question.session, question.asked));
    expect(delayed.length).toBeGreaterThan(10);
    for (const { snapshot, question, after, told } of delayed) {
      const { id } = question.asked as { id: string };
      const holder = snapshot.rows.find((row) => row.id.toLowerCase() === id.toLowerCase())?.session ?? '';
      expect(told).toEqual([
        { to: holder, update: { type: 'connection.doubted' } },
        { to: question.session, update: { type: 'take.delayed', id, holder } },
      ]);
      expect(after.snapshot).toEqual(snapshot);
    }
  });

  it('takes every transition of the chart that can be told from others', () => {
    const taken = new Set(
      pairings.map(({ snapshot, question: { session, asked } }) => {
        const met = concerned(snapshot, session, asked);
        return `${met?.state} ${met?.event}`;
      }),
    );
    const declared = Object.values(pairingMachine.states).flatMap(({ key, ownEvents }) =>
      ownEvents.map((event) => `${key} ${event}`),
    );
    // No row says who has asked: in a chat everybody is the asker.
    const mirrored = ['leave', 'lost', 'back', 'gone'].map((what) => `chatting target.${what}`);
    expect([...taken].filter((each) => declared.includes(each)).sort()).toEqual(
      declared.filter((each) => !mirrored.includes(each)).sort(),
    );
  });
});

function sessionIn(update: DirectoryUpdate, mirror: Record<PairingRole, PairingRole>): object {
  return 'partnerSession' in update ? { partnerSession: mirror[update.partnerSession as PairingRole] } : {};
}

describe('the pairing chart', () => {
  it('makes no difference between asker and target in a chat', () => {
    const mirror: Record<PairingRole, PairingRole> = { asker: 'target', target: 'asker' };
    const row = (id: PairingRole): Row => ({ id, session: id, state: 'chatting', partner: mirror[id], pairingId: 1 });
    const users = { asker: row('asker'), target: row('target') };
    for (const what of ['leave', 'lost', 'back', 'gone']) {
      const [byAsker, byTarget] = (['asker', 'target'] as const).map((role) =>
        askChart('chatting', `${role}.${what}`, users, 1),
      );
      expect(byTarget?.told.map(({ to }) => mirror[to as PairingRole])).toEqual(byAsker?.told.map(({ to }) => to));
      expect({ ...byTarget, told: byTarget?.told.map(({ update }) => update) }).toEqual({
        ...byAsker,
        placed: new Map([...(byAsker?.placed ?? [])].map(([who, where]) => [mirror[who as PairingRole], where])),
        told: byAsker?.told.map(({ update }) => ({ ...update, ...sessionIn(update, mirror) })),
      });
    }
  });
});
