/** The metrics: what users do shows up in them, and nothing else of theirs. */
import { describe, expect, it } from 'vitest';
import type { Server } from '../../src/server/server.ts';
import { enterRoom, gather, startChat } from '../support/gathering.ts';
import { startTestServer } from '../support/testServer.ts';
import { connect } from '../support/user.ts';
import { farewell, idPrompt, menu, serverFull, tooManyAttempts } from '../support/wireTexts.ts';
import { get, scrape } from './scrape.ts';

const measured = (): Promise<Server> => startTestServer({ metricsPort: 0 });

/** The samples of one metric by their label. */
async function samples(server: Server, metric: string): Promise<Record<string, number>> {
  const all = [...(await scrape(server))].flatMap(([name, value]) => {
    const [, label] = new RegExp(`^statechat_${metric}\\{\\w+="(.*)"\\}$`).exec(name) ?? [];
    return label === undefined || value === 0 ? [] : [[label, value] as const];
  });
  return Object.fromEntries(all);
}

describe('the metrics', () => {
  it('tell in which states users are', async () => {
    const server = await measured();
    expect(await samples(server, 'connections')).toEqual({});
    const stranger = await connect(server);
    await stranger.expect(idPrompt);
    const [lior, golan, noa] = await gather(server, 'lior', 'golan', 'noa');
    expect(await samples(server, 'connections')).toEqual({ identifying: 1, menu: 3 });
    await startChat(lior, golan);
    await enterRoom(noa);
    expect(await samples(server, 'connections')).toEqual({ identifying: 1, chatting: 2, commonRoom: 1 });
    expect((await scrape(server)).get('statechat_online_ids')).toBe(3);
    expect((await scrape(server)).get('statechat_connections_accepted_total')).toBe(4);
  });

  it('tell of somebody who reads their last words and does not hang up', async () => {
    const server = await measured();
    const lior = await connect(server, { keepsOpen: true });
    await lior.identify('lior');
    lior.say('2');
    await lior.expect(farewell);
    expect(await samples(server, 'connections')).toEqual({ closing: 1 });
  });

  it('count lines by what became of them, those that came together too', async () => {
    const server = await measured();
    const [lior, golan, noa, dan] = await gather(server, 'lior', 'golan', 'noa', 'dan');
    expect(await samples(server, 'lines_received_total')).toEqual({ dialogue: 4 });
    lior.send([0xff, 0x0a]);
    await lior.readThrough('UTF-8');
    await lior.readThrough('\n');
    expect(await samples(server, 'lines_received_total')).toEqual({ dialogue: 4, refused: 1 });
    await startChat(lior, golan);
    const before = await samples(server, 'lines_received_total');
    lior.send('one\ntwo\nthree\n');
    await golan.expect('lior: one\nlior: two\nlior: three\n');
    await enterRoom(noa, dan);
    noa.send('four\nfive\n');
    await dan.expect('noa: four\nnoa: five\n');
    const after = await samples(server, 'lines_received_total');
    expect(after).toEqual({ ...before, dialogue: (before.dialogue ?? 0) + 2, chat: 3, room: 2 });
    expect(await samples(server, 'lines_delivered_total')).toEqual({ chat: 3, room: 2 });
  });

  it('count one line to the room for each who reads it', async () => {
    const server = await measured();
    const [lior, golan, noa] = await gather(server, 'lior', 'golan', 'noa');
    await enterRoom(lior, golan, noa);
    lior.say('hello');
    for (const reader of [golan, noa]) await reader.expect('lior: hello\n');
    expect(await samples(server, 'lines_delivered_total')).toEqual({ room: 2 });
  });

  it('count bytes of those who are here and of those who are gone', async () => {
    const server = await measured();
    const [lior] = await gather(server, 'lior');
    const bytes = async (): Promise<(number | undefined)[]> => {
      const all = await scrape(server);
      return [all.get('statechat_received_bytes_total'), all.get('statechat_sent_bytes_total')];
    };
    expect(await bytes()).toEqual(['lior\n'.length, `${idPrompt}${menu}`.length]);
    lior.say('2');
    await lior.expect(farewell);
    await lior.expectEnd();
    const connections = (): Promise<object> => samples(server, 'connections');
    await expect.poll(connections).toEqual({});
    expect(await bytes()).toEqual(['lior\n2\n'.length, `${idPrompt}${menu}Goodbye!\n`.length]);
  });

  it('say why sessions ended, in the words of the limits for those that a limit has ended', async () => {
    const server = await startTestServer({ metricsPort: 0, idTries: 1, maxConnections: 3 });
    const [lior, golan] = await gather(server, 'lior', 'golan');
    const stranger = await connect(server);
    await stranger.expect(idPrompt);
    const fourth = await connect(server);
    await fourth.expect(serverFull);
    await fourth.expectEnd();
    stranger.say('?');
    await stranger.readThrough(tooManyAttempts);
    lior.say('2');
    await lior.expect(farewell);
    golan.resetConnection();
    await expect.poll(() => samples(server, 'sessions_ended_total')).toEqual({ quit: 1, hungUp: 1, idTries: 1 });
    expect(await samples(server, 'limits_reached_total')).toEqual({ idTries: 1, serverFull: 1 });
    expect((await scrape(server)).get('statechat_connections_accepted_total')).toBe(4);
    expect((await scrape(server)).get('statechat_connections_limit')).toBe(3);
  });

  it('count what the directory was asked and has said, and requests that reached nobody', async () => {
    const server = await startTestServer({ metricsPort: 0, requestsPerMinute: 1 });
    const [lior] = await gather(server, 'lior');
    for (const refusal of ['unknown', 'tooOften']) {
      lior.say('1');
      lior.say('golan');
      await lior.readThrough(menu);
      expect((await samples(server, 'requests_refused_total'))[refusal]).toBe(1);
    }
    // The second one was refused before the directory was asked.
    expect(await samples(server, 'commands_total')).toEqual({
      'id.claim': 1,
      'menu.leave': 2,
      'request.make': 1,
    });
    expect(await samples(server, 'session_updates_total')).toEqual({
      'id.granted': 1,
      'move.granted': 2,
      'request.refused': 2,
    });
  });

  it('hold no id, no address and nothing that somebody typed', async () => {
    const server = await measured();
    const [lior, golan] = await gather(server, 'xyzzy-lior', 'xyzzy-golan');
    await startChat(lior, golan);
    lior.say('xyzzy');
    await golan.expect('xyzzy-lior: xyzzy\n');
    const { body } = await get(server, '/metrics');
    expect(body).not.toMatch(/xyzzy|127\.0/);
  });

  it('are of the process too', async () => {
    const server = await measured();
    const all = await scrape(server);
    expect(all.get('process_resident_memory_bytes')).toBeGreaterThan(1e7);
    expect(all.get('nodejs_heap_size_used_bytes')).toBeGreaterThan(1e6);
    const [user = 0, system = 0] = ['user', 'system'].map((mode) => all.get(`process_cpu_${mode}_seconds_total`));
    expect(user).toBeGreaterThan(0);
    expect(all.get('process_cpu_seconds_total')).toBeCloseTo(user + system, 1);
    expect(all.get('process_start_time_seconds')).toBeCloseTo(performance.timeOrigin / 1000, 0);
    expect(all.get('statechat_event_loop_delay_seconds{quantile="1"}')).toBeGreaterThanOrEqual(0);
    expect(all.get('statechat_ready')).toBe(1);
  });

  it('are of one server each, however many are in the process', async () => {
    const [one, other] = [await measured(), await measured()];
    await gather(one, 'lior');
    expect((await scrape(one)).get('statechat_online_ids')).toBe(1);
    expect((await scrape(other)).get('statechat_online_ids')).toBe(0);
  });
});
