/** `statechat admin upgrade`: another process goes on with everybody, and nobody notices. */
import { writeFileSync } from 'node:fs';
import { connect as openSocket } from 'node:net';
import { join as joinPath } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { ask, enterRoom, gather, join, startChat } from '../support/gathering.ts';
import { nameFile, passwordFile } from '../support/passwordGates.ts';
import { freePort } from '../support/redisServer.ts';
import { connectSecurely, makeCertificate } from '../support/secure.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { startTestServer } from '../support/testServer.ts';
import { connect } from '../support/user.ts';
import {
  chatResumed,
  chatStarted,
  disconnected,
  evicted,
  farewell,
  idPrompt,
  idTaken,
  joinedServer,
  lockedDown,
  menu,
  partnerAway,
  partnerBack,
  partnerLeft,
  passwordPrompt,
  proofPrompt,
  serverClosing,
  targetPrompt,
} from '../support/wireTexts.ts';
import { request } from '../viewer/watcher.ts';
import { connectByWeb } from '../web/webUser.ts';
import { Newcomers } from './newcomers.ts';
import { Talk } from './talk.ts';
import { Upgradable } from './upgradable.ts';

const wentOn = (users: string) => ({ exitCode: 0, said: `The new process goes on with ${users}.\n` });

/** The port in an address of the web. */
function portIn(line: string): number {
  return Number(/:(\d+)\/\n$/.exec(line)?.[1]);
}

async function start(...args: string[]) {
  const upgradable = new Upgradable(args);
  return { upgradable, address: await upgradable.server.listening() };
}

describe('after an upgrade', () => {
  it('everybody is where they were, with whom they were', async () => {
    const { upgradable, address } = await start('--framing', 'lines');
    const [lior, golan, asker, target] = await gather(address, 'lior', 'golan', 'asker', 'target');
    await startChat(lior, golan);
    await ask(asker, target);
    const stranger = await connect(address);
    await stranger.expect(idPrompt);
    stranger.send('stran');
    lior.send('half a');
    expect(await upgradable.upgrade()).toEqual(wentOn('5 users'));
    stranger.say('ger');
    await stranger.expect(menu);
    lior.say(' line');
    await golan.expect('lior: half a line\n');
    golan.say('and back');
    await lior.expect('golan: and back\n');
    target.accept();
    await target.expect(chatStarted('asker'));
    await asker.expect(chatStarted('target'));
    for (const user of [stranger, lior, golan, asker, target]) await user.expectSilence();
  });

  it('the room goes on, with its memory, and the menu still hears who comes', async () => {
    const { upgradable, address } = await start();
    const [lior, golan, dana] = await gather(address, 'lior', 'golan', 'dana');
    await enterRoom(lior, golan);
    lior.say('before');
    await golan.expect('lior: before\n');
    expect(await upgradable.upgrade()).toEqual(wentOn('3 users'));
    golan.say('after');
    await lior.expect('golan: after\n');
    const noa = await connect(address);
    await noa.identify('noa');
    await dana.expect(joinedServer('noa'));
    noa.choose(3);
    expect(await noa.readThrough('golan: after\n')).toMatch(/lior: before\n\[\S+ \S+\] golan: after\n$/);
  });

  it('who is typing the password of an id has to come again, and a proved id stays', async () => {
    const { upgradable, address } = await start('--names', nameFile('golan'));
    const claim = async () => {
      const user = await connect(address);
      await user.expect(idPrompt);
      user.say('golan');
      await user.expect(proofPrompt('golan'));
      return user;
    };
    const golan = await claim();
    golan.say('golan');
    await golan.expect(menu);
    const again = await claim();
    again.send('gol');
    expect((await upgradable.upgrade()).said).toMatch(/^The new process goes on with 1 user\b/);
    await again.expect(`\n${serverClosing}`);
    await golan.expectSilence();
    const third = await claim();
    third.say('golan');
    await third.expect(menu);
    await golan.expect(evicted);
  });

  it('who has proved an id may still come back to a chat', async () => {
    const { upgradable, address } = await start('--names', nameFile('golan'));
    const prove = async () => {
      const golan = await connect(address);
      golan.name = 'golan';
      await golan.expect(idPrompt);
      golan.send('golan\ngolan\n');
      await golan.expect(proofPrompt('golan'));
      return golan;
    };
    const golan = await prove();
    await golan.expect(menu);
    const [lior] = await gather(address, 'lior');
    await golan.expect(joinedServer('lior'));
    await startChat(lior, golan);
    expect(await upgradable.upgrade()).toEqual(wentOn('2 users'));
    golan.resetConnection();
    await lior.expect(partnerAway('golan'));
    lior.say('there?');
    const again = await prove();
    await again.expect(`${chatResumed('lior')}lior: there?\n`);
    await lior.expect(partnerBack('golan'));
    again.resetConnection();
    await lior.expect(partnerAway('golan'));
    // Nobody can be handed over who is not there.
    expect(await upgradable.upgrade()).toEqual(wentOn('1 user'));
    await lior.expect(`${partnerLeft('golan')}${menu}`);
    await (await prove()).expect(menu);
    await lior.expect(joinedServer('golan'));
  });

  it('what was typed meanwhile is answered, once and in order', async () => {
    const { upgradable, address } = await start('--rate-limit', '0');
    const [lior, golan] = await gather(address, 'lior', 'golan');
    await startChat(lior, golan);
    const talk = new Talk(lior, golan);
    for (let times = 0; times < 3; times++) expect(await upgradable.upgrade()).toEqual(wentOn('2 users'));
    await talk.stop();
    expect(talk.lines).toBeGreaterThan(0);
  });

  it('a reader who was behind reads every byte, once', async () => {
    const { upgradable, address } = await start('--rate-limit', '0', '--outbox', '67108864');
    const lior = await connect(address);
    await lior.identify('lior');
    const golan = openSocket(address.port, '127.0.0.1');
    onTestFinished(() => void golan.destroy());
    golan.write('golan\n');
    await lior.expect(joinedServer('golan'));
    lior.choose(1);
    await lior.expect(targetPrompt);
    lior.say('golan');
    golan.write('y\n');
    await lior.expect(chatStarted('golan'));
    // Nobody reads golan's socket. More than the system holds for a reader.
    const count = 3000;
    const line = 'x'.repeat(4000);
    for (let each = 0; each < count; each++) lior.say(`${each} ${line}`);
    // The second one inherits what the first one may not send yet.
    for (let times = 0; times < 2; times++) expect(await upgradable.upgrade()).toEqual(wentOn('2 users'));
    lior.say('the last one');
    let read = '';
    golan.setEncoding('utf8').on('data', (text: string) => {
      read += text;
    });
    await eventually(() => read.endsWith('lior: the last one\n')).toBe(true);
    const said = read.slice(read.indexOf('lior: 0 '));
    expect(said).toBe(
      `${Array.from({ length: count }, (_, each) => `lior: ${each} ${line}\n`).join('')}lior: the last one\n`,
    );
  });

  it('nobody was refused', async () => {
    const { upgradable, address } = await start('--max-per-address', '0', '--connect-rate', '0');
    const newcomers = new Newcomers(address.port);
    for (let times = 0; times < 3; times++) expect((await upgradable.upgrade()).exitCode).toBe(0);
    await newcomers.stop();
    expect(newcomers.refused).toEqual([]);
    expect(newcomers.greeted).toBeGreaterThan(0);
  });
});

describe('an upgrade', () => {
  it('can’t take users of TLS along: they are told, and so is everybody else', async () => {
    const { tlsCert, tlsKey } = makeCertificate();
    const { upgradable, address } = await start('--tls-port', '0', '--tls-cert', tlsCert, '--tls-key', tlsKey);
    const [lior, dana] = await gather(address, 'lior', 'dana');
    const { user: secure } = await connectSecurely(address);
    await secure.identify('secure');
    await lior.expect(joinedServer('secure'));
    await dana.expect(joinedServer('secure'));
    await startChat(lior, secure);
    expect(await upgradable.upgrade()).toEqual(wentOn('2 users, and 1 has to connect again'));
    await secure.expect(serverClosing);
    await lior.expect(`${partnerLeft('secure')}${menu}`);
    await dana.expect(disconnected('secure'));
    const { user: again } = await connectSecurely(address);
    await again.identify('secure');
  });

  it('can’t take those along who are at the page: they are told, and the page is still there', async () => {
    const { upgradable, address } = await start('--web', '0');
    const webPort = portIn(await upgradable.server.stdout.readThrough('/\n'));
    const { user: lior } = await connectByWeb({ webPort });
    await lior.identify('lior');
    const golan = await join(address, 'golan', [lior]);
    expect(await upgradable.upgrade()).toEqual(wentOn('1 user, and 1 has to connect again'));
    await lior.expect(serverClosing);
    await golan.expect(disconnected('lior'));
    const { user: again } = await connectByWeb({ webPort });
    await again.identify('lior');
    await golan.expect(joinedServer('lior'));
  });

  it('can’t take those along who are being asked for the password: they are told, and all others go on', async () => {
    const { upgradable, address } = await start('--password-file', passwordFile('sesame'));
    const lior = await connect(address);
    await lior.expect(passwordPrompt);
    lior.say('sesame');
    await lior.identify('lior');
    const stranger = await connect(address);
    await stranger.expect(passwordPrompt);
    expect(await upgradable.upgrade()).toEqual(wentOn('1 user, and 1 has to connect again'));
    await stranger.expect(`\n${serverClosing}`);
    await lior.expectSilence();
    await (await connect(address)).expect(passwordPrompt);
  });

  it('opens the metrics and the viewer again where they were', async () => {
    const [metrics, viewer] = [await freePort(), await freePort()];
    const { upgradable } = await start('--metrics', `${metrics}`, '--viewer', `${viewer}`);
    expect(await upgradable.upgrade()).toEqual(wentOn('0 users'));
    expect((await request({ port: metrics, path: '/readyz' })).statusCode).toBe(200);
    expect((await request({ port: viewer, path: '/' })).statusCode).toBe(200);
  });

  it('goes on with bans and a lockdown', async () => {
    const { upgradable, address } = await start();
    await upgradable.order({ do: 'ban', target: 'mallory' });
    await upgradable.order({ do: 'lockdown', on: true });
    await upgradable.upgrade();
    await (await connect(address)).expect(lockedDown);
    await upgradable.order({ do: 'lockdown', on: false });
    const mallory = await connect(address);
    await mallory.expect(idPrompt);
    mallory.say('mallory');
    await mallory.expect(idTaken);
  });

  it('lets those in who come while the new process starts, when it has', async () => {
    const { upgradable, address } = await start();
    const [lior] = await gather(address, 'lior');
    const upgraded = upgradable.upgrade();
    await upgradable.server.logged(/"msg":"upgrading"/);
    const golan = await join(address, 'golan', [lior]);
    expect(await upgraded).toEqual(wentOn('1 user'));
    await startChat(golan, lior);
    await golan.expectSilence();
  });

  it('lets go of those who have hung up while the new process starts', async () => {
    const { upgradable, address } = await start();
    const [lior, golan, dana] = await gather(address, 'lior', 'golan', 'dana');
    const upgraded = upgradable.upgrade();
    await upgradable.server.logged(/"msg":"upgrading"/);
    golan.choose(2);
    await golan.expect(farewell);
    await golan.expectEnd();
    await lior.expect(disconnected('golan'));
    await dana.expect(disconnected('golan'));
    expect(await upgraded).toEqual(wentOn('2 users'));
    await golan.expectClosed();
    await dana.expectSilence();
    // The new process has inherited their connection, too: after one more upgrade it would be gone.
    const before = await upgradable.openSockets();
    await upgradable.upgrade();
    expect(await upgradable.openSockets()).toBe(before);
  });

  it('that can’t have a port changes nothing, and what was closed is open again', async () => {
    const config = joinPath(temporaryFolder(), 'statechat.json');
    const [metrics, taken] = [await freePort(), await startTestServer()];
    writeFileSync(config, JSON.stringify({ metrics }));
    const { upgradable, address } = await start('--config', config);
    const [lior] = await gather(address, 'lior');
    writeFileSync(config, JSON.stringify({ metrics: taken.port }));
    const { exitCode, said } = await upgradable.upgrade();
    expect([exitCode, said]).toEqual([
      1,
      expect.stringMatching(/before: the new process can't take over: .*EADDRINUSE/),
    ]);
    await lior.expectSilence();
    expect((await request({ port: metrics, path: '/readyz' })).statusCode).toBe(200);
    writeFileSync(config, JSON.stringify({ metrics }));
    expect(await upgradable.upgrade()).toEqual(wentOn('1 user'));
    expect((await request({ port: metrics, path: '/readyz' })).statusCode).toBe(200);
  });

  it('that fails changes nothing: the old process goes on', async () => {
    const config = joinPath(temporaryFolder(), 'statechat.json');
    writeFileSync(config, '{}');
    const { upgradable, address } = await start('--config', config);
    const [lior, golan] = await gather(address, 'lior', 'golan');
    await startChat(lior, golan);
    writeFileSync(config, '{ "no-such-option": 1 }');
    lior.say('before');
    expect(await upgradable.upgrade()).toEqual({
      exitCode: 1,
      said: 'statechat admin: Everything goes on as before: the new process ended. The log has its last words.\n',
    });
    lior.say('after');
    await golan.expect('lior: before\nlior: after\n');
    const newcomer = await connect(address);
    await newcomer.identify('newcomer');
    newcomer.choose(1);
    await newcomer.expect(targetPrompt);
    writeFileSync(config, '{}');
    expect(await upgradable.upgrade()).toEqual(wentOn('3 users'));
  });

  it('is made once, however many ask for it', async () => {
    const { upgradable } = await start();
    const both = await Promise.all([upgradable.upgrade(), upgradable.upgrade()]);
    expect(both.map(({ exitCode }) => exitCode).sort()).toEqual([0, 1]);
  });
});
