/** What the viewer's stream tells, to whom, in which order, and what it never tells. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { sessionMachine } from '../../machines/session.machine.ts';
import { graphOf } from '../../src/chart/graph.ts';
import { createLog } from '../../src/runtime/log.ts';
import type { Server } from '../../src/server/server.ts';
import { Inspection } from '../../src/viewer/inspection.ts';
import { maxWatchers } from '../../src/viewer/stream.ts';
import { startViewer, type Viewer } from '../../src/viewer/viewer.ts';
import { ask, enterRoom, gather, join, startChat } from '../support/gathering.ts';
import { startTestServer } from '../support/testServer.ts';
import { connect } from '../support/user.ts';
import { invalidOption, menu, partnerLeft, targetPrompt, userNotFound } from '../support/wireTexts.ts';
import { Watcher } from './watcher.ts';

interface Place {
  server: Server;
  viewer: Viewer;
  watch(options?: Parameters<typeof Watcher.watch>[1]): Promise<Watcher>;
}

async function startPlace(): Promise<Place> {
  const server = await startTestServer();
  const viewer = await startViewer({ lobby: server.lobby, log: createLog('silent'), port: 0, graceMs: 0, join: '' });
  onTestFinished(() => viewer.stop());
  return { server, viewer, watch: (options) => Watcher.watch(viewer.port, options) };
}

const isRows = ({ type }: { type: string }): boolean => type === 'statechat.rows';
const rowOf =
  (id: string, state: string) =>
  // biome-ignore lint/suspicious/noExplicitAny: whatever came.
  ({ rows = [] }: any): boolean =>
    rows.some((row: { id: string; state: string }) => row.id === id && row.state === state);

describe('the stream', () => {
  it('begins with everything as it is: the lobby, each session, each row', async () => {
    const { server, watch } = await startPlace();
    const [lior, golan] = await gather(server, 'Lior', 'Golan');
    await startChat(lior, golan);
    const watcher = await watch();
    const rows = await watcher.until(isRows);
    expect(watcher.types).toEqual([
      'statechat.baseline',
      '@xstate.actor lobby',
      '@xstate.actor s1',
      '@xstate.actor s2',
      'statechat.rows',
    ]);
    expect(rows.rows).toEqual([
      { id: 'Lior', session: 's1', state: 'chatting', partner: 'Golan' },
      { id: 'Golan', session: 's2', state: 'chatting', partner: 'Lior' },
    ]);
    const first = watcher.told[2]?.data;
    expect(first).toMatchObject({
      name: 's1',
      parentId: 'lobby',
      snapshot: { status: 'active', value: { online: { chatting: 'talking' } }, context: { userId: 'Lior' } },
    });
    expect(JSON.parse(first.definition).states.online.states).toHaveProperty('chatting');
  });

  it('tells each event, the exact transition, and the state after it, in that order', async () => {
    const { server, watch } = await startPlace();
    const watcher = await watch();
    await join(server, 'Lior');
    await watcher.until(rowOf('Lior', 'menu'));
    const own = watcher.told.filter(({ data }) => data.sessionId === 's1');
    expect(own.map(({ name, data }) => [name, data.type, data.event?.type ?? '', data.edges?.[0] ?? ''])).toEqual([
      ['message', '@xstate.actor', '', ''],
      ['message', '@xstate.event', 'xstate.init', ''],
      ['message', '@xstate.snapshot', 'xstate.init', ''],
      ['message', '@xstate.event', 'line.received', ''],
      ['statechat', 'statechat.microstep', 'line.received', 'session.identifying.prompting line.received 0'],
      ['message', '@xstate.event', 'id.granted', ''],
      ['message', '@xstate.snapshot', 'line.received', ''],
      ['statechat', 'statechat.microstep', 'id.granted', 'session.identifying.claiming id.granted 2'],
      ['message', '@xstate.snapshot', 'id.granted', ''],
    ]);
    const known = new Set(graphOf(sessionMachine).transitions.map(({ id }) => id));
    for (const { data } of own) for (const edge of data.edges ?? []) expect(known).toContain(edge);
    for (const { data } of watcher.told) expect(data).toMatchObject({ rootId: 'lobby', _version: '0.7.2', id: null });
  });

  it('tells where an event comes from: a session, the lobby, or a user', async () => {
    const { server, watch } = await startPlace();
    const watcher = await watch();
    await join(server, 'Lior');
    await watcher.until(rowOf('Lior', 'menu'));
    const events = watcher.told.filter(({ data }) => data.type === '@xstate.event').map(({ data }) => data);
    const claim = events.find(({ event }) => event.type === 'id.claim');
    expect([claim.sourceId, claim.sessionId]).toEqual(['s1', 'lobby']);
    const grant = events.find(({ event }) => event.type === 'id.granted');
    expect([grant.sourceId, grant.sessionId]).toEqual(['lobby', 's1']);
    expect(events.find(({ event }) => event.type === 'line.received')).not.toHaveProperty('sourceId');
  });

  it('marks an event that the state has no use for: a microstep without transitions', async () => {
    const { server, watch } = await startPlace();
    const watcher = await watch();
    await join(server, 'Lior');
    server.lobby.sessions.get('s1')?.actor?.send({ type: 'chat.ended', pairingId: 7 });
    const microstep = await watcher.until(({ event }) => event?.type === 'chat.ended');
    expect(microstep.type).toBe('@xstate.event');
    expect(
      await watcher.until(({ type, edges }) => type === 'statechat.microstep' && edges.length === 0),
    ).toMatchObject({
      event: { type: 'chat.ended' },
    });
  });

  it('tells of rows as they change, and of those that are gone', async () => {
    const { server, watch } = await startPlace();
    const watcher = await watch();
    const [lior, golan] = await gather(server, 'Lior', 'Golan');
    await ask(lior, golan);
    await watcher.until(rowOf('Golan', 'confirming'));
    golan.hangUp();
    await watcher.until(({ rows }) => rows?.some((row: object) => JSON.stringify(row) === '{"session":"s2"}'));
    await watcher.until(rowOf('Lior', 'menu'));
  });

  it('never tells what somebody typed, nor an address', async () => {
    const { server, watch } = await startPlace();
    const watcher = await watch();
    const stranger = await connect(server);
    stranger.say('xq no id xq');
    const [lior, golan] = await gather(server, 'Lior', 'Golan');
    lior.say('xq no option');
    await lior.expect(`${invalidOption}${menu}`);
    lior.choose(1);
    await lior.expect(targetPrompt);
    lior.say('xqnobody');
    await lior.expect(`${userNotFound}${menu}`);
    await startChat(lior, golan);
    lior.say('xq in a chat');
    await golan.expect('Lior: xq in a chat\n');
    golan.hangUp();
    await lior.expect(`${partnerLeft('Golan')}${menu}`);
    await enterRoom(lior);
    lior.say('xq in the room');
    lior.hangUp();
    await watcher.until(({ rows }) => rows?.some((row: object) => JSON.stringify(row) === '{"session":"s2"}'));
    expect(watcher.text).toContain('"length":11');
    expect(watcher.text).not.toContain('xq');
    expect(watcher.text).not.toContain('127.0.0.1');
  });

  it('hears nothing while nobody watches', async () => {
    const { server, viewer, watch } = await startPlace();
    await join(server, 'Lior');
    expect(viewer.isAttached).toBe(false);
    const watcher = await watch();
    expect(viewer.isAttached).toBe(true);
    watcher.leave();
    await expect.poll(() => viewer.isAttached).toBe(false);
  });

  it('gives one who comes back what they have missed, once and in order', async () => {
    const { server, watch } = await startPlace();
    const witness = await watch();
    const watcher = await watch();
    await join(server, 'Lior');
    await watcher.until(rowOf('Lior', 'menu'));
    watcher.leave();
    await join(server, 'Golan');
    await witness.until(rowOf('Golan', 'menu'));
    const back = await watch({ lastEventId: watcher.lastId });
    await back.until(rowOf('Golan', 'menu'));
    const ids = witness.told.map(({ id }) => id);
    expect([...watcher.told, ...back.told].map(({ id }) => id)).toEqual(ids);
  });

  it.each(['', 'another run 3', '00000000-0000-0000-0000-000000000000 1'])(
    'gives one who comes back from elsewhere (%j) everything anew',
    async (lastEventId) => {
      const { watch } = await startPlace();
      const watcher = await watch({ lastEventId });
      await watcher.until(isRows);
      expect(watcher.types[0]).toBe('statechat.baseline');
    },
  );

  it('gives the chart with each session to those who ask for it', async () => {
    const { server, watch } = await startPlace();
    const [lior] = await gather(server, 'Lior', 'Golan');
    const watcher = await watch({ path: '/events?definitions=each' });
    await join(server, 'Noa', [lior]);
    await watcher.until(rowOf('Noa', 'menu'));
    const actors = watcher.told.filter(({ data }) => data.type === '@xstate.actor').map(({ data }) => data);
    expect(actors.map(({ name, definition }) => [name, JSON.parse(definition).id])).toEqual([
      ['lobby', 'lobby'],
      ['s1', 'session'],
      ['s2', 'session'],
      ['s3', 'session'],
    ]);
  });

  it('sends no more to one who does not read, keeps little, and gives them everything anew when they do', async () => {
    const { server, watch } = await startPlace();
    const slow = await watch();
    const witness = await watch();
    await slow.until(isRows);
    slow.stopReading();
    await join(server, 'Lior');
    const { actor } = server.lobby.sessions.get('s1') ?? {};
    const told = 24_000;
    for (let sent = 0; sent < told; sent += 500) {
      for (let each = 0; each < 500; each++) actor?.send({ type: 'chat.ended', pairingId: sent + each });
      await witness.until(({ event }) => event?.pairingId === sent + 499);
    }
    slow.goOnReading();
    await slow.until((data) => data.type === 'statechat.baseline' && data !== slow.told[0]?.data);
    await join(server, 'Golan');
    await slow.until(rowOf('Golan', 'menu'));
    expect(witness.told.filter(({ data }) => data.type === '@xstate.event').length).toBeGreaterThan(told);
    expect(slow.told.filter(({ data }) => data.type === '@xstate.event').length).toBeLessThan(told / 2);
  });

  it('takes so many watchers, and tells the next one why not', async () => {
    const { viewer, watch } = await startPlace();
    for (let each = 0; each < maxWatchers; each++) await watch();
    const refused = await fetch(`http://127.0.0.1:${viewer.port}/events`);
    expect(refused.status).toBe(503);
    expect(await refused.text()).toContain(String(maxWatchers));
  });

  it('ends with the server', async () => {
    const { viewer, watch } = await startPlace();
    const watcher = await watch();
    await viewer.stop();
    await expect.poll(() => watcher.isOver).toBe(true);
  });
});

describe('an error while something is told', () => {
  it('costs nobody anything but the viewer', async () => {
    const server = await startTestServer();
    const errors: unknown[] = [];
    const publish = (): void => {
      throw new Error('broken on purpose');
    };
    const inspection = new Inspection(server.lobby, publish, (error) => errors.push(error));
    inspection.attach();
    const [lior, golan] = await gather(server, 'Lior', 'Golan');
    await startChat(lior, golan);
    expect(errors.length).toBeGreaterThan(0);
    inspection.detach();
  });
});
