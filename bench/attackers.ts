/**
 * The attacks: each runs in a process of its own for a while, and ends by itself.
 *
 * Owns: what the attackers do, and nothing of what others notice. Only at 127.0.0.1.
 * Usage: attackers.ts NAME PORT MILLISECONDS. Next: `attacks.ts` (what a quiet pair notices).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { dialects } from './dialects.ts';
import { User } from './user.ts';

/** So many attackers at once: what one address may have. */
const attackers = 16;
const [name = '', port = '0', ms = '0'] = process.argv.slice(2);
const end = Date.now() + Number(ms);
let made = 0;

const { statechat: dialect } = dialects;
const iac = { sb: Buffer.from([255, 250, 255, 240]), half: Buffer.from([255, 250, 24]) };
const longLine = `${'x'.repeat(4000)}\n`;

/** How far somebody goes before they vanish; `number` tells attackers apart. */
const stages: Readonly<Record<string, (user: User, number: number) => unknown>> = {
  nothing: () => {},
  'half an id': (user) => user.send('li'),
  'half a telnet command': (user) => user.send(iac.half),
  'half a PROXY header': (user) => user.send('PROXY TCP4 192.0.2.1'),
  'a wrong password': async (user) => {
    await user.until('Password: ');
    user.send('guess\n');
  },
  'an id': (user) => dialect.arrive(user),
  'naming somebody': async (user) => {
    await dialect.arrive(user);
    user.send('1\n');
    await user.until('Enter user ID: ');
  },
  'waiting for an answer': async (user, number) => {
    const other = await arrived(`other${number}`);
    await dialect.arrive(user);
    user.send(`1\n${other.id}\n`);
    await other.until('Accept? (y/n): ');
    other.destroy();
  },
  'a chat': async (user, number) => {
    const other = await arrived(`other${number}`);
    await dialect.arrive(user);
    await dialect.pair(user, other);
    other.end();
  },
  'the room': async (user) => {
    await dialect.arrive(user);
    await dialect.enterRoom(user);
  },
};

/** What somebody sends without end. */
const floods: Readonly<Record<string, (user: User) => unknown>> = {
  'telnet commands': async (user) => {
    // A name without a line feed: each segment is a line then.
    user.send(user.id);
    await sleep(400);
    await sendOnAndOn(user, Buffer.concat(Array(15_000).fill(iac.sb)));
  },
  'text without a line feed': (user) => sendOnAndOn(user, 'x'.repeat(60_000)),
  'ids that are none': (user) => sendOnAndOn(user, '?\n'.repeat(30_000)),
  'lines in the room': async (user) => {
    await dialect.arrive(user);
    await dialect.enterRoom(user);
    user.count(() => {});
    await sendOnAndOn(user, longLine.repeat(40));
  },
  'lists of users': async (user) => {
    await dialect.arrive(user);
    user.count(() => {});
    await sendOnAndOn(user, '4\n'.repeat(30_000));
  },
};

const tlsStages: Readonly<Record<string, () => Promise<void>>> = {
  'TLS: half a handshake': () => greetTls('connect'),
  'TLS: a whole handshake': () => greetTls('secureConnect'),
};

async function arrived(id: string): Promise<User> {
  const user = await User.connect(id, Number(port));
  await dialect.arrive(user);
  return user;
}

/** The next piece when the one before has had some time: the system's buffers are full by then, or it was read. */
async function sendOnAndOn(user: User, piece: string | Buffer): Promise<void> {
  while (Date.now() < end && user.isOpen) {
    if (user.unsentBytes < 1_000_000) user.send(piece);
    await sleep(1);
  }
}

async function greetTls(upTo: 'connect' | 'secureConnect'): Promise<void> {
  await new Promise<void>((resolve) => {
    const socket = connectTls({ port: Number(port), host: '127.0.0.1', rejectUnauthorized: false });
    socket.on('error', () => resolve());
    socket.once(upTo, () => {
      // The first bytes of the handshake are on their way.
      setImmediate(() => socket.destroy());
      resolve();
    });
  });
}

async function attack(number: number): Promise<void> {
  while (Date.now() < end) {
    made++;
    const user = tlsStages[name] === undefined ? await User.connect(`a${number}x${made}`, Number(port)) : undefined;
    const act = stages[name] ?? floods[name];
    try {
      await (user === undefined ? tlsStages[name]?.() : act?.(user, made));
    } catch {
      // The server has cut the attack off: it is begun again.
    }
    if (made % 2 === 0) user?.end();
    user?.destroy();
    // About what one machine can do without keeping a core of the server's machine for itself.
    await sleep(20);
  }
}

console.log('attacking');
await Promise.allSettled(Array.from({ length: attackers }, (_, number) => attack(number)));
console.log(`made ${made}`);
process.exit(0);
