/**
 * The servers that are compared, and how each is started.
 *
 * Owns: their commands and settings. Each listens on a free port of 127.0.0.1 and logs at its default level, to
 * /dev/null.
 * Next: `child.ts` (the process), `dialects.ts` (how to talk to it), `peers/` (two of the servers).
 */
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Child } from './child.ts';
import { type Dialect, type DialectName, dialects } from './dialects.ts';

const startMs = 20_000;

/** Another server of the same commands can be tried, as Valkey's. */
export const redisProgram = process.env.STATECHAT_REDIS_SERVER ?? 'redis-server';

export interface ServerKind {
  readonly name: string;
  readonly dialectName: DialectName;
  /** How many connections it can hold at most, if these are fewer than the bench would try. */
  readonly maxConnections?: number;
  /** True if the bench reads its viewer's stream while it runs. */
  readonly isWatched?: true;
  /** `viewerPort` is a free port for a server that is watched. */
  command(port: number, viewerPort: number): { file: string; args: readonly string[] };
}

export interface RunningServer {
  readonly kind: ServerKind;
  readonly dialect: Dialect;
  readonly port: number;
  readonly process: Child;
}

const root = fileURLToPath(new URL('..', import.meta.url));
const relayFile = fileURLToPath(new URL('peers/relay.ts', import.meta.url));
const pythonFile = fileURLToPath(new URL('peers/threaded.py', import.meta.url));
const statechatArgs = ['--import', 'tsx', 'src/cli/main.ts', 'serve'];

/** Turns off the limits that a bench would reach. All others hold. */
const limitsOff = [
  ...['--rate-limit', '0', '--room-rate', '0', '--requests-per-minute', '0'],
  ...['--asked-per-minute', '0', '--decline-wait', '0'],
  ...['--max-per-address', '0', '--max-connections', '20000'],
];

/** What an operator turns on besides the log: all counters. */
const counted = ['--metrics', '0'];

/** Returns statechat with these limits off. `nodeArgs` go to Node, `serverArgs` to the server. */
export function statechat(nodeArgs: readonly string[] = [], serverArgs: readonly string[] = []): ServerKind {
  return {
    name: 'statechat',
    dialectName: 'statechat',
    command: (port) => ({
      file: process.execPath,
      args: [...nodeArgs, ...statechatArgs, '--port', String(port), ...limitsOff, ...counted, ...serverArgs],
    }),
  };
}

/** Returns the same with a viewer that the bench watches. */
export function watched(): ServerKind {
  const { command, ...kind } = statechat();
  return {
    ...kind,
    name: 'statechat, watched',
    isWatched: true,
    command(port, viewerPort) {
      const { file, args } = command(port, viewerPort);
      return { file, args: [...args, '--viewer', String(viewerPort)] };
    },
  };
}

/** Returns the servers that can be started here, and a line for each that can't. `directory` is for their settings. */
export function peers(directory: string): { kinds: ServerKind[]; leftOut: string[] } {
  const kinds: ServerKind[] = [
    {
      name: 'bare relay',
      dialectName: 'relay',
      command: (port) => ({ file: process.execPath, args: ['--import', 'tsx', relayFile, String(port)] }),
    },
  ];
  const leftOut: string[] = [];
  const ngircd = find('ngircd');
  if (ngircd === undefined) leftOut.push('ngircd is not installed (`apt-get install ngircd`): left out.');
  else kinds.push(ngircdKind(ngircd, directory));
  const python = find('python3');
  if (python === undefined) leftOut.push('python3 is not installed: left out.');
  else {
    kinds.push({
      name: 'threaded Python',
      dialectName: 'statechat',
      // It has a thread for each connection: more take minutes, and the system limits the number of threads.
      maxConnections: 5000,
      command: (port) => ({ file: python, args: [pythonFile, String(port)] }),
    });
  }
  return { kinds, leftOut };
}

function ngircdKind(file: string, directory: string): ServerKind {
  return {
    name: 'ngircd',
    dialectName: 'irc',
    command(port) {
      const settings = join(directory, `ngircd-${port}.conf`);
      writeFileSync(
        settings,
        [
          ...['[Global]', 'Name = bench.example.net', 'Info = bench', 'Listen = 127.0.0.1', `Ports = ${port}`],
          ...['MotdFile = /dev/null/none', 'ServerUID = root', 'ServerGID = root'].slice(0, isRoot ? 3 : 1),
          ...['[Limits]', 'MaxConnections = 0', 'MaxConnectionsIP = 0', 'MaxPenaltyTime = 0', 'MaxJoins = 0'],
          ...['PingTimeout = 3600', 'PongTimeout = 3600'],
          ...['[Options]', 'DNS = no', 'Ident = no', 'PAM = no', ''],
        ].join('\n'),
      );
      return { file, args: ['-n', '-f', settings] };
    },
  };
}

const isRoot = process.getuid?.() === 0;

function find(program: string): string | undefined {
  const directories = [...(process.env.PATH ?? '').split(':'), '/usr/sbin'];
  return directories.map((directory) => join(directory, program)).find((file) => existsSync(file));
}

/** Resolves when the server accepts connections. */
export async function start(kind: ServerKind): Promise<RunningServer> {
  const port = await freePort();
  const viewerPort = await freePort();
  const { file, args } = kind.command(port, viewerPort);
  const child = new Child(file, args, { cwd: root });
  const deadline = Date.now() + startMs;
  while (!(await accepts(port)) || (kind.isWatched && !(await accepts(viewerPort)))) {
    if (child.isRunning && Date.now() < deadline) await sleep(20);
    else {
      await child.stop();
      throw new Error(`${kind.name} did not start.`);
    }
  }
  if (kind.isWatched) await watch(viewerPort);
  await child.settle();
  return { kind, dialect: dialects[kind.dialectName], port, process: child };
}

/** Reads the stream until the server ends. */
async function watch(port: number): Promise<void> {
  const sent = get({ port, host: '127.0.0.1', path: '/events' }).on('error', () => {});
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  response.on('error', () => {}).resume();
}

export async function freePort(): Promise<number> {
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen({ port: 0, host: '127.0.0.1' }, resolve));
  const { port } = listener.address() as AddressInfo;
  await new Promise((resolve) => listener.close(resolve));
  return port;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      resolve(true);
      socket.end();
    });
    socket.resume();
    socket.once('error', () => resolve(false));
  });
}
