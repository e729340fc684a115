/** An error in our own code, wherever it is thrown, costs one user the connection and nobody else anything. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import pino from 'pino';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { sessionMachine } from '../../machines/session.machine.ts';
import { MemoryDirectory } from '../../src/chat/directory/memoryDirectory.ts';
import { Session } from '../../src/chat/session.ts';
import { UserActivity } from '../../src/chat/userActivity.ts';
import { LineQueue } from '../../src/dialogue/lineQueue.ts';
import { PromptRenderer } from '../../src/dialogue/promptRenderer.ts';
import type { Server } from '../../src/server/server.ts';
import { Framing } from '../../src/transport/lineDecoder.ts';
import { gather, startChat } from '../support/gathering.ts';
import { rowNamed } from '../support/rowNamed.ts';
import { startTestServer } from '../support/testServer.ts';
import { connect, type User } from '../support/user.ts';
import {
  disconnected,
  farewell,
  fault,
  joinedRoom,
  joinedServer,
  leftRoom,
  menu,
  partnerLeft,
  question,
  roomEmpty,
  roomJoined,
  targetPrompt,
  userDisconnected,
  youLeftRoom,
} from '../support/wireTexts.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

function fail(): never {
  throw new Error('broken on purpose');
}

/** The server with one guard or action of the session chart that throws when `isDue` says so. */
function startWithBroken(
  kind: 'guards' | 'actions',
  name: string,
  isDue: (userId: string) => boolean,
): Promise<Server> {
  const { provide } = sessionMachine;
  vi.spyOn(sessionMachine, 'provide').mockImplementation(((parts: Record<string, Record<string, unknown>>) => {
    const inner = parts[kind]?.[name] ?? (sessionMachine.implementations[kind] as Record<string, unknown>)[name];
    const broken = (args: { context: { userId: string } }, params: unknown): unknown => {
      if (isDue(args.context.userId)) fail();
      return typeof inner === 'function' ? inner(args, params) : undefined;
    };
    return provide.call(sessionMachine, { ...parts, [kind]: { ...parts[kind], [name]: broken } } as never);
  }) as never);
  return startTestServer();
}

/** Throws once a method is called that `isDue`; until then the method does what it always does. */
function breakMethod<T extends object>(
  owner: T,
  name: keyof T & string,
  isDue: (self: T, ...args: never[]) => boolean,
): void {
  const method = owner[name] as (...args: never[]) => unknown;
  let isBroken = false;
  vi.spyOn(owner as Record<string, () => unknown>, name).mockImplementation(function (this: T, ...args: never[]) {
    if (!isBroken && isDue(this, ...args)) {
      isBroken = true;
      fail();
    }
    return method.apply(this, args);
  } as never);
}

/** The two who had nothing to do with it chat on, and lior's id is free. */
async function expectOthersFine(server: Server, lior: User, golan: User, noa: User): Promise<void> {
  for (const [one, other] of [
    [golan, noa],
    [noa, golan],
  ] as const) {
    one.say('all well?');
    await other.expect(`${one.name}: all well?\n`);
  }
  await lior.expectEnd();
  expect(rowNamed(server.lobby.directory, 'lior')).toBeUndefined();
  expect(server.lobby.sessions.size).toBe(server.lobby.directory.onlineCount);
  const again = await connect(server);
  await again.identify('lior');
  again.choose(4);
  await again.expect(`golan (busy)\nnoa (busy)\nlior (free, you)\n${menu}`);
  for (const user of [golan, noa]) await user.expectSilence();
}

/** Golan and noa chat, lior is in the menu. */
async function threeAt(server: Server): Promise<[lior: User, golan: User, noa: User]> {
  const [golan, noa, lior] = await gather(server, 'golan', 'noa', 'lior');
  await startChat(golan, noa);
  return [lior, golan, noa];
}

describe('when the session chart throws', () => {
  it.each([
    ['a guard', 'guards', 'choosesList', '4', ''],
    ['an action on the way', 'actions', 'say', '9', ''],
    ['an action at the entry', 'actions', 'openRoomChannel', '3', ''],
    ['an action at the exit', 'actions', 'mutePresence', '1', ''],
    ['the hanging up', 'actions', 'hangUp', '2', farewell],
  ] as const)('in %s, only lior is dropped', async (_, kind, name, line, first) => {
    let isDue = false;
    const server = await startWithBroken(kind, name, (userId) => isDue && userId === 'lior');
    const [lior, golan, noa] = await threeAt(server);
    isDue = true;
    lior.say(line);
    await lior.expect(`${first}${fault}`);
    vi.restoreAllMocks();
    await expectOthersFineBesides(server, lior, golan, noa);
  });

  /** As above, but for the new lior, whose chart is the broken one still. */
  async function expectOthersFineBesides(...[server, lior, golan, noa]: Parameters<typeof expectOthersFine>) {
    golan.say('all well?');
    await noa.expect('golan: all well?\n');
    await lior.expectEnd();
    expect(rowNamed(server.lobby.directory, 'lior')).toBeUndefined();
    expect(server.lobby.sessions.size).toBe(2);
    const [dan] = await gather(server, 'dan');
    dan.choose(3);
    await dan.expect(`${roomJoined}${roomEmpty}`);
    for (const user of [golan, noa]) await user.expectSilence();
  }

  it('while a partner waits, the partner hears of it and is in the menu', async () => {
    const server = await startWithBroken('guards', 'isYes', (userId) => userId === 'lior');
    const [golan, lior] = await gather(server, 'golan', 'lior');
    golan.choose(1);
    await golan.expect(targetPrompt);
    golan.say('lior');
    await lior.expect(question('golan'));
    lior.say('y');
    await lior.expect(fault);
    await lior.expectEnd();
    await golan.expect(`${userDisconnected}${menu}`);
  });
});

describe('when the lobby throws', () => {
  it.each<[what: string, breakIt: (isLior: (session: string) => boolean) => void, line: string]>([
    [
      'asking the directory',
      (isLior) => breakMethod(MemoryDirectory.prototype, 'send', (_, from) => isLior(from)),
      '1',
    ],
    ['opening the channel', (isLior) => breakMethod(Session.prototype, 'openRoomChannel', ({ id }) => isLior(id)), '3'],
    ['saying something', (isLior) => breakMethod(Session.prototype, 'say', ({ id }) => isLior(id)), '9'],
    ['counting requests', () => breakMethod(UserActivity.prototype, 'requestMade', () => true), '1\ngolan'],
  ])('%s, only lior is dropped', async (_, breakIt, line) => {
    const server = await startTestServer();
    const [lior, golan, noa] = await threeAt(server);
    const session = rowNamed(server.lobby.directory, 'lior')?.session;
    breakIt((id) => id === session);
    lior.say(line);
    expect(await lior.readThrough(fault)).toMatch(/^(Enter user ID: )?Something/);
    await expectOthersFine(server, lior, golan, noa);
  });

  it('on taking somebody out of the dictionaries, the others chat on', async () => {
    const server = await startTestServer();
    const [lior, golan, noa] = await threeAt(server);
    breakMethod(MemoryDirectory.prototype, 'remove', () => true);
    lior.hangUp();
    // What the dictionaries still hold is lior's own row.
    const [dan] = await gather(server, 'dan');
    golan.say('all well?');
    await noa.expect('golan: all well?\n');
    for (const user of [golan, noa, dan]) await user.expectSilence();
    expect(server.lobby.sessions.size).toBe(3);
  });
});

describe('when a line fails on the way to its receiver', () => {
  it.each<[what: string, meet: (lior: User, dan: User) => Promise<void>, danReads: string]>([
    ['in a chat', startChat, `${partnerLeft('lior')}${menu}`],
    [
      'in the common room',
      async (lior, dan) => {
        for (const [one, count] of [
          [dan, 'Nobody else is here yet.'],
          [lior, '2 people are here, you included.'],
        ] as const) {
          one.choose(3);
          await one.expect(`${roomJoined}${count}\n`);
        }
        await dan.expect(joinedRoom('lior'));
      },
      leftRoom('lior'),
    ],
  ])('%s, the receiver is dropped and the sender is not', async (_, meet, danReads) => {
    const server = await startTestServer();
    const [lior, golan, noa] = await threeAt(server);
    const [dan] = await gather(server, 'dan');
    await lior.expect(joinedServer('dan'));
    await meet(lior, dan);
    const prompts = server.lobby.sessions.get(rowNamed(server.lobby.directory, 'lior')?.session ?? '')?.prompts;
    breakMethod(PromptRenderer.prototype, 'interject', (self) => self === prompts);
    dan.say('hello');
    await lior.expect(fault);
    await dan.expect(danReads);
    if (danReads.endsWith('room.\n')) {
      dan.say('exit()');
      await dan.expect(`${youLeftRoom}${menu}`);
    }
    dan.choose(2);
    await dan.expect(farewell);
    await dan.expectEnd();
    await expectOthersFine(server, lior, golan, noa);
  });
});

describe('when a socket fails on writing', () => {
  /** The server's ends of all connections, in the order of arrival. */
  function serverEnds(): Socket[] {
    const sockets: Socket[] = [];
    const onAccepted = (message: unknown): void => {
      sockets.push((message as { socket: Socket }).socket);
    };
    subscribe('net.server.socket', onAccepted);
    onTestFinished(() => {
      unsubscribe('net.server.socket', onAccepted);
    });
    return sockets;
  }

  it.each<[how: string, logged: object[], write: (socket: Socket) => void]>([
    [
      'by throwing',
      [{ msg: 'a session failed', err: { message: 'broken on purpose' } }],
      (socket) => vi.spyOn(socket, 'write').mockImplementation(fail),
    ],
    [
      'by an error later',
      [],
      (socket) =>
        vi.spyOn(socket, 'write').mockImplementation(() => {
          socket.destroy(new Error('broken on purpose'));
          return false;
        }),
    ],
  ])('%s, only its user is dropped', async (_, logged, breakIt) => {
    const sockets = serverEnds();
    const errors: object[] = [];
    const log = pino({ level: 'error' }, { write: (text: string) => errors.push(JSON.parse(text)) });
    const server = await startTestServer({ log });
    const [lior, golan, noa] = await threeAt(server);
    expect(sockets).toHaveLength(3);
    breakIt(sockets[2] as Socket);
    // In one turn, so that the broken socket stands between others.
    golan.say('before');
    lior.say('4');
    noa.say('behind');
    await noa.expect('golan: before\n');
    await golan.expect('noa: behind\n');
    await expectOthersFine(server, lior, golan, noa);
    expect(errors).toMatchObject(logged);
  });

  it('in the middle of a line to many, all the others read it', async () => {
    const sockets = serverEnds();
    const server = await startTestServer();
    const users = await gather(server, 'golan', 'noa', 'lior', 'dan', 'gil');
    vi.spyOn(sockets[2] as Socket, 'write').mockImplementation(fail);
    const newcomer = await connect(server);
    await newcomer.identify('eli');
    for (const user of users) {
      if (user.name === 'lior') continue;
      await user.expect(joinedServer('eli'));
      await user.expect(disconnected('lior'));
    }
    expect(rowNamed(server.lobby.directory, 'lior')).toBeUndefined();
  });
});

describe('when something on the way in throws', () => {
  it.each<[where: string, breakIt: (isDue: () => boolean) => void, sent: string | number[]]>([
    ['the framing', (isDue) => breakMethod(Framing.prototype, 'push', isDue), 'anything\n'],
    ['the session, at a line', (isDue) => breakMethod(Session.prototype, 'receive', isDue), 'anything\n'],
    ['the session, at a refused line', (isDue) => breakMethod(Session.prototype, 'receive', isDue), [0xff, 0x0a]],
    ['the line queue', (isDue) => breakMethod(LineQueue.prototype, 'feed', isDue), 'anything\n'],
  ])('only the one it came from is dropped: %s', async (_, breakIt, sent) => {
    const server = await startTestServer();
    const [lior, golan, noa] = await threeAt(server);
    let isDue = false;
    breakIt(() => isDue);
    isDue = true;
    lior.send(sent);
    await lior.expect(fault);
    vi.restoreAllMocks();
    await expectOthersFine(server, lior, golan, noa);
  });

  it('at the end of the input, only the one it came from is dropped', async () => {
    const server = await startTestServer();
    const [lior, golan, noa] = await threeAt(server);
    breakMethod(Session.prototype, 'receive', (_, received) => received === 'end');
    lior.halfClose();
    await lior.expect(fault);
    vi.restoreAllMocks();
    await expectOthersFine(server, lior, golan, noa);
  });

  it('when lines that waited for their time go on, only the one they came from is dropped', async () => {
    const server = await startTestServer({ rateLimit: 50, rateBurst: 2 });
    const [lior, golan, noa] = await threeAt(server);
    breakMethod(Session.prototype, 'take', (session, input: unknown) => {
      return session.id !== '' && JSON.stringify(input) === '{"line":"late"}';
    });
    lior.send('9\n9\n9\nlate\n');
    await lior.readThrough(fault);
    vi.restoreAllMocks();
    await expectOthersFine(server, lior, golan, noa);
  });
});
