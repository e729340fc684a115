/** What the page makes of the stream: the same picture as the server's, forwards and backwards. */
import { describe, expect, it } from 'vitest';
import type { Lobby } from '../../src/chat/lobby.ts';
import { Inspection } from '../../src/viewer/inspection.ts';
import { inOrder, keptSteps, Model } from '../../src/viewer/page/model.js';
import { Gathering, gatherThree, startChat, type Trio } from '../support/memory.ts';

/** Three users in memory, and a page that watches them from now on. */
function watchThree(): Trio & { model: Model; inspection: Inspection; lobby: Lobby } {
  const trio = gatherThree();
  const { lobby } = trio.all;
  const model = new Model();
  const inspection: Inspection = new Inspection(
    lobby,
    (message) => model.take(message as never),
    (error) => {
      throw error;
    },
  );
  inspection.attach();
  for (const message of inspection.baseline()) model.take(message as never);
  return { ...trio, model, inspection, lobby };
}

/** The picture as plain data, without states that nobody is in. */
function picture({ view }: Model): object {
  return {
    sessions: inOrder(view.sessions).map(({ id, userId, partner, states }) => ({ id, userId, partner, states })),
    rows: inOrder(view.rows),
    counts: Object.fromEntries([...view.counts].filter(([, count]) => count !== 0)),
  };
}

/** A page that comes now. */
function newcomerTo(inspection: Inspection): Model {
  const model = new Model();
  for (const message of inspection.baseline()) model.take(message as never);
  return model;
}

describe('the history', () => {
  it('has a cause before its effects, also where these are taken first', () => {
    const { lior, golan, model } = watchThree();
    startChat(lior, golan, 'golan');
    const events = [...model.history()].map(({ session, event }) => `${session} ${event.type}`).reverse();
    const asked = events.slice(events.indexOf('lobby request.make') - 1);
    expect(asked.slice(0, 6)).toEqual([
      's1 line.received',
      'lobby request.make',
      'lobby directory.updated',
      'lobby directory.updated',
      's2 request.received',
      's1 request.delivered',
    ]);
    const numbers = [...model.history()].map(({ number }) => number);
    expect(numbers).toEqual(numbers.toSorted((one, other) => other - one));
  });

  it('is stepped through event by event, back and on', () => {
    const { lior, golan, model } = watchThree();
    startChat(lior, golan, 'golan');
    const pictures = [picture(model)];
    const taken = [...model.history()].length;
    for (let step = 0; step < taken; step++) {
      expect(model.step(-1)).toBeUndefined();
      pictures.unshift(picture(model));
    }
    expect(model.position).toBe(0);
    for (const expected of pictures.slice(1)) {
      expect(model.step(1)?.isDone).toBe(true);
      expect(picture(model)).toEqual(expected);
    }
    expect(model.isLive).toBe(true);
  });
});

describe('the order of sessions', () => {
  it('is that of their arrival here, and after them those of other servers, server by server', () => {
    const given = ['s3', 'vm-9-ab/s7', 's2', 'vm-9-ab/s1', 's10', 'vm-10-cd/s12', 's1', 'vm-10-cd/s9'];
    const ordered = ['s1', 's2', 's3', 's10', 'vm-10-cd/s9', 'vm-10-cd/s12', 'vm-9-ab/s1', 'vm-9-ab/s7'];
    expect(inOrder(new Map(given.map((session) => [session, session])))).toEqual(ordered);
  });
});

describe('the picture', () => {
  it('counts who is where, the states around it too', () => {
    const { lior, golan, model, inspection } = watchThree();
    startChat(lior, golan, 'golan');
    inspection.publishRows();
    expect(Object.fromEntries([...model.view.counts].filter(([, count]) => count > 0))).toEqual({
      session: 3,
      'session.online': 3,
      'session.online.menu': 1,
      'session.online.menu.choosing': 1,
      'session.online.chatting': 2,
      'session.online.chatting.talking': 2,
    });
    expect(model.view.rows.get('s1')).toEqual({ id: 'lior', session: 's1', state: 'chatting', partner: 'golan' });
  });

  it('is the one that a page gets which comes now', () => {
    const { lior, golan, noa, model, inspection } = watchThree();
    startChat(lior, golan, 'golan');
    noa.type('3');
    lior.type('exit()');
    golan.type('2');
    inspection.publishRows();
    expect(picture(model)).toEqual(picture(newcomerTo(inspection)));
  });

  it('goes back to any moment, and forth again', () => {
    const { lior, golan, model, inspection } = watchThree();
    const pictures = [picture(model)];
    const noteSteps = (): void => {
      while (pictures.length <= model.steps.length) pictures.push({});
      pictures[model.steps.length] = picture(model);
    };
    for (const act of [() => startChat(lior, golan, 'golan'), () => lior.type('exit()'), () => golan.type('2')]) {
      act();
      inspection.publishRows();
      noteSteps();
    }
    const noted = pictures.flatMap((then, position) => (Object.keys(then).length > 0 ? [position] : []));
    expect(noted).toHaveLength(4);
    for (const position of [...noted.toReversed(), ...noted]) {
      model.lookAt(position);
      expect(picture(model)).toEqual(pictures[position]);
    }
    expect(model.isLive).toBe(true);
  });

  it('stays at the moment somebody looks at while things go on, and catches up', () => {
    const { lior, golan, model, inspection } = watchThree();
    startChat(lior, golan, 'golan');
    model.lookAt(2);
    const then = picture(model);
    lior.type('exit()');
    golan.type('2');
    inspection.publishRows();
    expect(picture(model)).toEqual(then);
    model.lookAt(model.steps.length);
    expect(model.view.sessions.size).toBe(2);
  });

  it('forgets the oldest steps, also those before the moment somebody looks at', () => {
    const { lior, model, inspection } = watchThree();
    lior.type('x', 'x');
    model.lookAt(1);
    for (let each = 0; each < keptSteps * 1.2; each++) lior.type('x');
    expect(model.steps.length).toBeLessThanOrEqual(keptSteps * 1.1);
    expect(model.position).toBe(0);
    expect(model.isLive).toBe(false);
    const counts = [...model.view.counts.values()];
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(0);
    model.lookAt(model.steps.length);
    expect(picture(model)).toEqual(picture(newcomerTo(inspection)));
  });
});

describe('the history', () => {
  it('has an event once, with its transitions and where it led', () => {
    const { lior, model } = watchThree();
    lior.type('3');
    const own = [...model.history()].filter(({ session }) => session === 's1').toReversed();
    expect(own.map(({ event, edges }) => [event.type, edges])).toEqual([
      ['line.received', ['session.online.menu.choosing line.received 1']],
      ['move.granted', ['session.online.menu.moving move.granted 0']],
    ]);
    expect(own.every(({ userId }) => userId === 'lior')).toBe(true);
  });

  it('knows what was ignored', () => {
    const { lobby, model } = watchThree();
    lobby.sessions.get('s1')?.actor?.send({ type: 'chat.ended', pairingId: 9 });
    const [latest] = model.history();
    expect([latest?.event.type, latest?.edges, latest?.isDone]).toEqual(['chat.ended', [], true]);
  });

  it('does not have what came before the page did', () => {
    const { model } = watchThree();
    expect([...model.history()]).toEqual([]);
    expect(model.view.sessions.size).toBe(3);
  });

  it('begins anew when the server does', () => {
    const { lior, model } = watchThree();
    lior.type('3');
    const other = new Gathering();
    other.gather('noa');
    for (const message of new Inspection(
      other.lobby,
      () => {},
      () => {},
    ).baseline())
      model.take(message as never);
    expect([...model.view.sessions.values()].map(({ userId }) => userId)).toEqual(['noa']);
    expect(model.steps).toEqual([]);
  });
});
