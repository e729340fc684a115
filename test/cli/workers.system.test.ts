/** `serve --workers`: several processes behave as one server, in whatever way they begin and end. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { ask } from '../../src/operator/adminClient.ts';
import { describeNeeding } from '../support/describeNeeding.ts';
import { eventually } from '../support/eventually.ts';
import { gather } from '../support/gathering.ts';
import { hasRedis, RedisServer } from '../support/redisServer.ts';
import { ServerProcess } from '../support/serverProcess.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { connect, type User } from '../support/user.ts';
import {
  chatStarted,
  idPrompt,
  joinedServer,
  menu,
  question,
  serverClosing,
  targetPrompt,
} from '../support/wireTexts.ts';
import { connectByWeb } from '../web/webUser.ts';

async function startWorkers(...options: string[]): Promise<{ server: ServerProcess; address: { port: number } }> {
  const redis = await RedisServer.start();
  onTestFinished(() => redis.kill());
  const server = new ServerProcess(['--port', '0', '--workers', '2', '--redis', redis.url, ...options]);
  return { server, address: await server.listening() };
}

function workersOf(server: ServerProcess): number[] {
  const children = readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, 'utf8');
  return children.trim().split(' ').map(Number);
}

async function chat(asker: User, target: User): Promise<void> {
  asker.choose(1);
  await asker.expect(targetPrompt);
  asker.say(target.name);
  await target.expect(question(asker.name));
  target.accept();
  await target.expect(chatStarted(asker.name));
  await asker.expect(chatStarted(target.name));
}

/** The processes whose users have an id, by the log. */
function identifiedBy({ log }: { log: string }): Set<number> {
  return new Set([...log.matchAll(/"pid":(\d+).*"identified"/g)].map(([, pid]) => Number(pid)));
}

describeNeeding('redis-server', hasRedis, 'two workers', () => {
  it('take connections in turn on one port, and their users meet', async () => {
    const { server, address } = await startWorkers();
    const [lior, dana] = await gather(address, 'lior', 'dana');
    await eventually(() => [...identifiedBy(server)].sort()).toEqual(workersOf(server).sort());
    await chat(lior, dana);
    lior.say('hello');
    await dana.expect('lior: hello\n');
  });

  it('share the page of the chat, too, and its users meet', async () => {
    const { server, address } = await startWorkers('--web', '0');
    await eventually(() => server.log).toMatch(/"webPort":\d+/);
    const webPort = Number(/"webPort":(\d+)/.exec(server.log)?.[1]);
    expect((await fetch(`http://127.0.0.1:${webPort}/`)).status).toBe(200);
    const golan = await connect(address);
    await golan.identify('golan');
    const [lior, dana] = [(await connectByWeb({ webPort })).user, (await connectByWeb({ webPort })).user];
    await lior.identify('lior');
    await golan.expect(joinedServer('lior'));
    await dana.identify('dana');
    await lior.expect(joinedServer('dana'));
    await golan.expect(joinedServer('dana'));
    await eventually(() => identifiedBy(server).size).toBe(2);
    await chat(lior, dana);
    dana.say('hello');
    await lior.expect('dana: hello\n');
  });

  it('are stopped by one signal, and all users are told', async () => {
    const { server, address } = await startWorkers();
    const users = await gather(address, 'lior', 'dana');
    server.signal('SIGTERM');
    for (const user of users) await user.expect(serverClosing);
    for (const user of users) await user.expectEnd();
    expect(await server.ended()).toMatchObject({ exitCode: 0, stdout: '2 workers share it.\n' });
  });

  it('are replaced when one dies; those of the other stay', async () => {
    const { server, address } = await startWorkers();
    const users = await gather(address, 'lior', 'dana');
    const [first] = workersOf(server);
    process.kill(first as number, 'SIGKILL');
    await eventually(() => server.log).toContain('a worker died, and will be replaced');
    await eventually(() => workersOf(server).length).toBe(2);
    await Promise.any(users.map((user) => user.settle()));
    const newcomer = await connect(address);
    await newcomer.expect(idPrompt);
    newcomer.say('newcomer');
    await newcomer.expect(menu);
  });

  it('end with code 0 when an operator has drained each of them, and are not replaced before', async () => {
    const adminSocket = join(temporaryFolder(), 'admin.sock');
    const { server, address } = await startWorkers('--admin-socket', adminSocket);
    const [lior, dana] = (await gather(address, 'lior', 'dana')) as [User, User];
    await server.stdout.expect(`The operator's socket is ${adminSocket}\n`);
    for (const path of [adminSocket, `${adminSocket}.1`]) {
      expect(await ask(path, { do: 'drain' })).toMatchObject({ ok: true, door: 'emptying' });
    }
    lior.choose(2);
    await lior.readThrough('Goodbye!\n');
    await eventually(() => server.log).toContain('a worker was drained, and is not replaced');
    await dana.settle();
    dana.choose(2);
    await dana.readThrough('Goodbye!\n');
    expect(await server.ended()).toMatchObject({ exitCode: 0 });
    expect(server.log).not.toContain('will be replaced');
  });

  it('end with one line when there is no directory for them', async () => {
    const server = new ServerProcess(['--port', '0', '--workers', '2', '--redis', 'redis://127.0.0.1:1']);
    const { exitCode, stderr } = await server.ended();
    expect(exitCode).toBe(1);
    expect(stderr).toContain('statechat: no directory at redis://127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1.\n');
  });
});

it('more than one worker needs a directory they share', async () => {
  const { exitCode, stderr } = await new ServerProcess(['--workers', '2']).ended();
  expect(exitCode).toBe(1);
  expect(stderr).toBe('statechat: --workers needs --redis: they share their users through it.\n');
});
