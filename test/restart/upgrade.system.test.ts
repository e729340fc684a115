/** `statechat admin upgrade` where other programs take part: systemd, Redis, and clients who keep coming. */
import { expect, it, onTestFinished } from 'vitest';
import { describeNeeding, isInstalled } from '../support/describeNeeding.ts';
import { eventually } from '../support/eventually.ts';
import { gather, startChat } from '../support/gathering.ts';
import { program } from '../support/program.ts';
import { hasRedis, RedisServer } from '../support/redisServer.ts';
import { clientCommand } from '../support/runClient.ts';
import { makeCertificate } from '../support/secure.ts';
import { describeInTerminal, Terminal } from '../support/terminal.ts';
import { connect, type User } from '../support/user.ts';
import { idPrompt, menu } from '../support/wireTexts.ts';
import { Newcomers } from './newcomers.ts';
import { Talk } from './talk.ts';
import { isRunning, Upgradable } from './upgradable.ts';

/** A long run is told how many. */
const upgrades = Number(process.env.UPGRADES ?? 20);
const upgradeMs = 10_000;
/** Between two who come while an upgrade is under way. */
const pauseMs = 20;

it(
  `refuses nobody in ${upgrades} upgrades, and a chat misses no line`,
  async () => {
    const unlimited = ['--max-per-address', '0', '--connect-rate', '0', '--rate-limit', '0'];
    const upgradable = new Upgradable(unlimited);
    const address = await upgradable.server.listening();
    const [lior, golan] = await gather(address, 'lior', 'golan');
    await startChat(lior, golan);
    const newcomers = new Newcomers(address.port);
    const talk = new Talk(lior, golan);
    for (let times = 0; times < upgrades; times++) {
      expect(await upgradable.order()).toEqual({ ok: true, users: expect.any(Number), left: 0 });
    }
    await newcomers.stop();
    await talk.stop();
    console.log(`${newcomers.greeted} newcomers and ${talk.lines} lines in ${upgrades} upgrades`);
    expect(newcomers.refused).toEqual([]);
    expect(newcomers.greeted).toBeGreaterThan(upgrades);
    expect(talk.lines).toBeGreaterThan(upgrades);
    // 40 and more: warnings and errors.
    expect(upgradable.server.log).not.toMatch(/"level":[456]0/);
  },
  upgrades * upgradeMs,
);

it('the old process ends, although newcomers whom it has passed on stay', async () => {
  const upgradable = new Upgradable();
  const { port } = await upgradable.server.listening();
  let isDone = false;
  const ordered = upgradable.order().finally(() => {
    isDone = true;
  });
  const guests: User[] = [];
  // Who comes in between waits unread, and is passed on.
  while (!isDone && guests.length < 30) {
    guests.push(await connect({ port }));
    await Promise.race([ordered, new Promise((resolve) => setTimeout(resolve, pauseMs))]);
  }
  expect(await ordered).toMatchObject({ ok: true });
  for (const guest of guests) await guest.expect(idPrompt);
  const [first, second] = await upgradable.listened(2);
  await eventually(() => isRunning(first)).toBe(false);
  expect(isRunning(second)).toBe(true);
  for (const guest of guests) await guest.expectSilence();
});

describeNeeding('redis-server', hasRedis, 'a server with --redis', () => {
  it.each([
    { title: 'alone', args: [] },
    { title: 'with workers', args: ['--workers', '2'] },
  ])('$title says that it can only be restarted, and goes on', async ({ args }) => {
    const redis = await RedisServer.start();
    onTestFinished(() => redis.kill());
    const upgradable = new Upgradable(['--redis', redis.url, ...args]);
    const address = await upgradable.server.listening();
    const [lior] = await gather(address, 'lior');
    const why = 'its users are in Redis, and those of the other servers go on: restart this one.';
    const said = `statechat admin: Everything goes on as before: ${why}\n`;
    expect(await upgradable.upgrade()).toEqual({ exitCode: 1, said });
    await lior.expectSilence();
  });
});

const hasAll = isInstalled('python3') && isInstalled('systemd-notify');

describeNeeding('python3 and systemd-notify', hasAll, 'deploy/statechat.service', () => {
  it('is the new process after an upgrade, and goes on when the old one ends', async () => {
    const manager = ['python3', 'test/restart/serviceManager.py', 'deploy/statechat.service'];
    const upgradable = new Upgradable([], [...manager, ...program, 'serve']);
    const { server } = upgradable;
    const ready = await server.stdout.readThrough('\n');
    const address = await server.listening();
    const socket = await server.stdout.readThrough('\n');
    const [first] = await upgradable.listened(1);
    expect(ready).toBe(`manager: ready ${first}\n`);
    const [lior, golan] = await gather(address, 'lior', 'golan');
    await startChat(lior, golan);
    expect(await upgradable.upgrade()).toEqual({ exitCode: 0, said: 'The new process goes on with 2 users.\n' });
    const [, second] = await upgradable.listened(2);
    await server.stdout.expect(`manager: main ${second}\nmanager: ready ${second}\n`);
    await server.listening();
    await server.stdout.expect(socket);
    await eventually(() => isRunning(first)).toBe(false);
    lior.say('still here');
    await golan.expect('lior: still here\n');
    lior.hangUp();
    golan.hangUp();
    server.signal('SIGTERM');
    expect(await server.ended()).toMatchObject({ exitCode: 0, stdout: `manager: ended ${second} 0\n` });
  });
});

describeInTerminal('the bundled client over TLS', () => {
  it('is back by itself with its id after an upgrade', async () => {
    const { tlsCert, tlsKey } = makeCertificate();
    const upgradable = new Upgradable(['--tls-cert', tlsCert, '--tls-key', tlsKey]);
    const { port } = await upgradable.server.listening();
    const terminal = await Terminal.start(clientCommand('localhost', port, '--ca', tlsCert));
    await terminal.expectScreen(idPrompt.trimEnd());
    await terminal.say('lior');
    await terminal.expectScreen(menu.trimEnd());
    expect(await upgradable.order()).toEqual({ ok: true, users: 0, left: 1 });
    await terminal.expectScreen('the dialogue starts over as lior.');
    const isBack = expect.poll(() => upgradable.order({ do: 'who' }));
    await isBack.toMatchObject({ who: [{ id: 'lior', state: 'menu' }] });
  });
});
