/** How many may connect, at once and from one address; whoever leaves makes room for one, and for one only. */
import { once } from 'node:events';
import { connect as openSocket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SimulatedClock } from 'xstate';
import { ConnectionLimiter, networkOf } from '../../src/server/connectionLimiter.ts';
import { describeNeeding } from '../support/describeNeeding.ts';
import { eventually } from '../support/eventually.ts';
import { startTestServer } from '../support/testServer.ts';
import { connect, User } from '../support/user.ts';
import { addressFull, disconnected, farewell, idPrompt, joinedServer, serverFull } from '../support/wireTexts.ts';

describe('an address', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['::FFFF:10.0.0.1', '10.0.0.1'],
    ['127.0.0.1', '127.0.0.1'],
    ['::ffff:127.0.0.1', '127.0.0.1'],
    ['::1', '::1'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['::2', '0:0:0:0::/64'],
    ['2001:DB8:A:B::1', '2001:db8:a:b::/64'],
    ['2001:db8:a:b:ffff:ffff:ffff:ffff', '2001:db8:a:b::/64'],
    ['2001:db8:a:c::1', '2001:db8:a:c::/64'],
    ['1::', '1:0:0:0::/64'],
    ['1:2:3:4:5:6:7::', '1:2:3:4::/64'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
    ['fe80::1234%eth0', 'fe80:0:0:0::/64'],
    ['unknown', 'unknown'],
  ])('%s counts as %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});

describe('the limit of connections from one address', () => {
  it('holds for a network of IPv6, however many addresses it has', () => {
    const limiter = new ConnectionLimiter({ maxConnections: 100, maxPerAddress: 3 });
    const enter = (host: number, net = 1) => limiter.enter(`2001:db8:0:${net}::${host.toString(16)}`);
    expect([1, 2, 3, 4, 5].map((host) => enter(host))).toEqual([
      ...[undefined, undefined, undefined],
      ...['addressFull', 'addressFull'],
    ]);
    expect(enter(1, 2)).toBeUndefined();
    limiter.leave('2001:db8:0:1::2');
    expect([enter(9), enter(10)]).toEqual([undefined, 'addressFull']);
  });

  it.each(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'])('is not for this machine’s own: %s', (own) => {
    const limiter = new ConnectionLimiter({ maxConnections: 100, maxPerAddress: 1 });
    for (let time = 0; time < 100; time++) expect(limiter.enter(own)).toBeUndefined();
    expect(limiter.enter(own)).toBe('serverFull');
  });

  it('is off with 0', () => {
    const limiter = new ConnectionLimiter({ maxConnections: 100, maxPerAddress: 0 });
    for (let time = 0; time < 100; time++) expect(limiter.enter('192.0.2.1')).toBeUndefined();
    expect(limiter.enter('192.0.2.1')).toBe('serverFull');
  });

  it('does not count those who were refused', () => {
    const limiter = new ConnectionLimiter({ maxConnections: 2, maxPerAddress: 1 });
    limiter.enter('192.0.2.1');
    for (let time = 0; time < 10; time++) expect(limiter.enter('192.0.2.1')).toBe('addressFull');
    expect(limiter.enter('192.0.2.2')).toBeUndefined();
    for (let time = 0; time < 10; time++) expect(limiter.enter('192.0.2.3')).toBe('serverFull');
    limiter.leave('192.0.2.1');
    expect([limiter.enter('192.0.2.3'), limiter.enter('192.0.2.1')]).toEqual([undefined, 'serverFull']);
  });

  it('remembers nobody who has left', () => {
    const limiter = new ConnectionLimiter({ maxConnections: 10, maxPerAddress: 1 });
    for (let visitor = 0; visitor < 1000; visitor++) {
      expect(limiter.enter(`192.0.2.${visitor % 7}`)).toBeUndefined();
      limiter.leave(`192.0.2.${visitor % 7}`);
    }
  });
});

describe('the limit of connections', () => {
  it('lets at least one in, and never more than the system’s files allow', () => {
    expect(new ConnectionLimiter({ maxConnections: 0, maxPerAddress: 0 }).maxConnections).toBe(1);
    expect(new ConnectionLimiter({ maxConnections: 3, maxPerAddress: 0 }).maxConnections).toBe(3);
  });

  it('holds over TCP: the next one reads why, nobody hears of it, and one gets in when somebody has left', async () => {
    const server = await startTestServer({ maxConnections: 2 });
    const [lior, golan] = [await connect(server), await connect(server)];
    await lior.identify('lior');
    await golan.identify('golan');
    await lior.expect(joinedServer('golan'));
    for (let time = 0; time < 3; time++) {
      const noa = await connect(server);
      // What the next one sends is not heard.
      noa.send('noa\n3\nhello\n');
      await noa.expect(serverFull);
      await noa.expectEnd();
    }
    await lior.expectSilence();
    golan.say('2');
    await golan.expect(farewell);
    await golan.expectEnd();
    await lior.expect(disconnected('golan'));
    // The place is free as soon as both sides have closed.
    await expect.poll(async () => (await connect(server)).expectOneOf(idPrompt, serverFull)).toBe(idPrompt);
    // That one stays, so nobody else gets in.
    await (await connect(server)).expect(serverFull);
    expect(server.lobby.sessions.size).toBe(2);
  });
});

const ownAddress = Object.values(networkInterfaces())
  .flat()
  .find((each) => each?.family === 'IPv4' && !each.internal)?.address;

describeNeeding('an address besides 127.0.0.1', ownAddress !== undefined, 'over TCP, one address', () => {
  it('has so many connections and no more, and one more when one has left', async () => {
    const server = await startTestServer({ host: '0.0.0.0', maxPerAddress: 2 });
    const arrive = async (): Promise<User> => {
      const socket = openSocket({ port: server.port, host: ownAddress as string, noDelay: true });
      onTestFinished(() => {
        socket.destroy();
      });
      await once(socket, 'connect');
      return new User(socket);
    };
    const [lior, golan] = [await arrive(), await arrive()];
    await lior.identify('lior');
    await golan.identify('golan');
    const noa = await arrive();
    await noa.expect(addressFull);
    await noa.expectEnd();
    expect([...server.limitsReached]).toEqual([['addressFull', 1]]);
    const own = await connect(server);
    await own.expect(idPrompt);
    golan.hangUp();
    await expect.poll(async () => (await arrive()).expectOneOf(idPrompt, addressFull)).toBe(idPrompt);
  });
});

describe('the rate of connections from one address', () => {
  const limits = { maxConnections: 1000, maxPerAddress: 0, connectRate: 2 };

  it('lets ten seconds of them in at once, then two a second, and counts each address for itself', () => {
    const clock = new SimulatedClock();
    const limiter = new ConnectionLimiter(limits, clock);
    const come = (address: string) => limiter.enter(address);
    for (let n = 0; n < 20; n++) expect(come('10.0.0.1')).toBeUndefined();
    expect(come('10.0.0.1')).toBe('connectRate');
    expect(come('10.0.0.2')).toBeUndefined();
    clock.increment(1000);
    expect([come('10.0.0.1'), come('10.0.0.1'), come('10.0.0.1')]).toEqual([undefined, undefined, 'connectRate']);
  });

  it('is not for this machine', () => {
    const limiter = new ConnectionLimiter(limits, new SimulatedClock());
    for (let n = 0; n < 50; n++) expect(limiter.enter('127.0.0.1')).toBeUndefined();
  });
});

describe('connections that are refused', () => {
  it('hold few files, however many come and stay', async () => {
    const server = await startTestServer({ maxConnections: 1 });
    await (await connect(server)).expect(idPrompt);
    const refused = await Promise.all(Array.from({ length: 60 }, () => connect(server, { keepsOpen: true })));
    await refused.at(-1)?.expect(serverFull);
    await eventually(() => server.connections).toBeLessThanOrEqual(1 + 16);
  });
});
