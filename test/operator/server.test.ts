/** An operator at a server: what crosses the wire, across a restart, and what health checks and metrics say. */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect as openSocket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ask } from '../../src/operator/adminClient.ts';
import type { Request } from '../../src/operator/requests.ts';
import type { ServerOptions } from '../../src/server/options.ts';
import { startServer } from '../../src/server/server.ts';
import { get, scrape } from '../metrics/scrape.ts';
import { passwordFile } from '../support/passwordGates.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { startTestServer } from '../support/testServer.ts';
import { connect, User } from '../support/user.ts';
import {
  banned,
  idPrompt,
  idTaken,
  lockedDown,
  menu,
  operatorSays,
  passwordPrompt,
  removed,
  roomCount,
  roomEmpty,
  roomJoined,
  serverEnding,
} from '../support/wireTexts.ts';

async function start(options: ServerOptions = {}) {
  const folder = temporaryFolder();
  const adminSocket = join(folder, 'admin.sock');
  const server = await startTestServer({ adminSocket, bans: join(folder, 'bans.json'), ...options });
  return { server, adminSocket, folder, order: (request: Request) => ask(adminSocket, { by: 'test', ...request }) };
}

/** From another address of this machine. */
async function connectFrom(localAddress: string, { port }: { port: number }): Promise<User> {
  const socket = openSocket({ port, host: '127.0.0.1', localAddress, noDelay: true });
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return new User(socket);
}

/** What some terminal might take for the end of a line, and what moves the cursor or turns text around. */
const lineBreaks = /[\n\r\v\f\u0085\u2028\u2029]/;
const steering = ['\b', '\u001b', '\u009b', '\u202e'];

describe('the operator’s word', () => {
  it('cannot be imitated: no line of a user begins like it, whatever they send', async () => {
    const { server, order } = await start();
    for (const id of ['[operator]', 'operator', 'OPERATOR', '[operator', '[']) {
      const eve = await connect(server);
      await eve.expect(idPrompt);
      eve.say(id);
      expect(await eve.readThrough(idPrompt)).toContain('is not a reserved word');
    }
    const [lior, golan] = [await connect(server), await connect(server)];
    await lior.identify('lior');
    await golan.identify('golan');
    await lior.readThrough('golan joined the server.\n');
    golan.choose(3);
    await golan.expect(`${roomJoined}${roomEmpty}`);
    lior.choose(3);
    await lior.expect(`${roomJoined}${roomCount(2)}`);
    await golan.readThrough('common room.\n');
    const tries = [
      ...[
        '[operator] a',
        '\r[operator] a',
        '\u2028[operator] a',
        '\u0085[operator] a',
        '\u000b[operator] a',
        '\u000c[operator] a',
      ],
      ...[
        '\b\b\b\b\b\b\b\b[operator] a',
        '\u001b[1G[operator] a',
        '\u001bE[operator] a',
        '\u009b1G[operator] a',
        '\u202e[operator] a',
      ],
    ];
    for (const each of tries) lior.say(each);
    await order({ do: 'say', text: 'the end' });
    const read = await golan.readThrough(operatorSays('the end'));
    const lines = read.split(lineBreaks);
    expect(lines.filter((line) => line.includes('[operator] a'))).toHaveLength(tries.length);
    expect(lines.filter((line) => line.startsWith('[operator]'))).toEqual(['[operator] the end']);
    expect(steering.filter((character) => read.includes(character))).toEqual([]);
  });
});

describe('a ban', () => {
  it('holds for a new connection at once, before anything else costs something, and across a restart', async () => {
    const { server, order, folder } = await start();
    const [lior, eve] = [await connectFrom('127.0.0.2', server), await connect(server)];
    await lior.identify('lior');
    await eve.identify('eve');
    await order({ do: 'ban', target: '127.0.0.2', reason: 'spam' });
    await order({ do: 'ban', target: 'EVE' });
    expect(await lior.readThrough(removed('spam'))).toContain('joined');
    await lior.expectEnd();
    await (await connectFrom('127.0.0.2', server)).expect(banned);
    await server.stop();
    const { server: next, order: orderNext } = await start({ bans: join(folder, 'bans.json') });
    await (await connectFrom('127.0.0.2', next)).expect(banned);
    const again = await connect(next);
    await again.expect(idPrompt);
    again.say('eve');
    await again.expect(idTaken);
    expect(await orderNext({ do: 'bans' })).toMatchObject({
      bans: [{ target: '127.0.0.2/32', by: 'test' }, { target: 'eve' }],
    });
    await orderNext({ do: 'unban', target: '127.0.0.2' });
    await (await connectFrom('127.0.0.2', next)).identify('lior');
  });

  it('that cannot be written is in force, and the operator reads that it ends with the server', async () => {
    const { server, order } = await start({ bans: join('/nowhere', 'bans.json') });
    expect(await order({ do: 'ban', target: '127.0.0.2' })).toMatchObject({
      ok: true,
      warning: expect.stringContaining('it ends with the server'),
    });
    await (await connectFrom('127.0.0.2', server)).expect(banned);
  });

  it('holds at the password gate: who is there already comes no further', async () => {
    const { server, order } = await start({ passwordFile: passwordFile('right') });
    const lior = await connectFrom('127.0.0.2', server);
    await lior.expect(passwordPrompt);
    await order({ do: 'ban', target: '127.0.0.2' });
    lior.say('right');
    await lior.expect(banned);
    await lior.expectEnd();
    // Nobody from there is asked for a password any more: its check would cost something.
    await (await connectFrom('127.0.0.2', server)).expect(banned);
  });
});

describe('a lockdown', () => {
  it('refuses who comes, and says so to health checks and metrics', async () => {
    const { server, order } = await start({ metricsPort: 0 });
    const lior = await connect(server);
    await lior.identify('lior');
    await order({ do: 'lockdown', on: true });
    await (await connect(server)).expect(lockedDown);
    expect(await get(server, '/readyz')).toEqual({ status: 503, body: 'lockdown\n' });
    const samples = await scrape(server);
    expect(samples.get('statechat_turned_away_total{reason="lockdown"}')).toBe(1);
    expect(samples.get('statechat_operator_acts_total{act="operator.lockdown"}')).toBe(1);
    lior.choose(9);
    await lior.expect(`Invalid option.\n${menu}`);
    await order({ do: 'lockdown', on: false });
    expect(await get(server, '/readyz')).toMatchObject({ status: 200 });
    await (await connect(server)).identify('golan');
  });
});

describe('a drain', () => {
  it('stops the whole server when the last has left, with an answer before that', async () => {
    const { server, order, adminSocket } = await start({ metricsPort: 0 });
    const lior = await connect(server);
    await lior.identify('lior');
    expect(await order({ do: 'drain' })).toMatchObject({ ok: true, door: 'emptying' });
    await lior.expect(operatorSays('The server will shut down in 10 minutes. You can go on until then.'));
    expect(await get(server, '/readyz')).toEqual({ status: 503, body: 'emptying\n' });
    await (await connect(server)).expect(serverEnding);
    lior.choose(2);
    await lior.readThrough('Goodbye!\n');
    await server.stopped;
    expect(existsSync(adminSocket)).toBe(false);
  });

  it('of an empty server is answered, though it ends at once', async () => {
    const { server, order } = await start();
    expect(await order({ do: 'drain' })).toMatchObject({ ok: true });
    await server.stopped;
  });
});

describe('a server with an admin socket', () => {
  it('does not start where another one has it, and leaves nothing behind', async () => {
    const { adminSocket, order } = await start();
    await expect(startServer({ port: 0, adminSocket })).rejects.toThrow('another server listens there');
    expect(await order({ do: 'who' })).toMatchObject({ ok: true, who: [] });
  });
});
