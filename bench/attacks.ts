/**
 * What a quiet pair notices of attacks: `npm run bench:attacks`.
 *
 * Owns: a server with its own limits for each attack, the pair, and the table of how long their lines take with the attack and
 * without. Nothing here passes or fails. Next: `attackers.ts` (what the attackers do).
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { selfSigned } from '../test/support/certificate.ts';
import { Child } from './child.ts';
import { machine } from './machine.ts';
import { freePort, start } from './servers.ts';
import { quantile } from './statistics.ts';
import { User } from './user.ts';

const [quietMs, attackMs, betweenMs] = [3000, 6000, 50];
const folder = mkdtempSync(join(tmpdir(), 'statechat-attacks-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const root = fileURLToPath(new URL('..', import.meta.url));
const program = ['--import', 'tsx', 'src/cli/main.ts'];
const attackers = fileURLToPath(new URL('attackers.ts', import.meta.url));
const password = 'a quiet password';

/** Where an attack is made, besides the plain port. */
type Place = 'plain' | 'tls' | 'proxy' | 'gate';

const attacks: readonly (readonly [name: string, place: Place])[] = [
  ...['nothing', 'half an id', 'half a telnet command', 'an id', 'naming somebody', 'waiting for an answer'].map(plain),
  ...['a chat', 'the room'].map(plain),
  ...(['half a PROXY header'] as const).map((name) => [name, 'proxy'] as const),
  ...(['TLS: half a handshake', 'TLS: a whole handshake'] as const).map((name) => [name, 'tls'] as const),
  ...(['a wrong password'] as const).map((name) => [name, 'gate'] as const),
  ...['telnet commands', 'text without a line feed', 'ids that are none', 'lines in the room'].map(plain),
  ...['lists of users'].map(plain),
];

function plain(name: string): readonly [string, Place] {
  return [name, 'plain'];
}

async function measure(name: string, place: Place): Promise<string> {
  const tlsPort = await freePort();
  const server = await start({
    name: 'statechat',
    dialectName: 'statechat',
    command: (port) => ({
      file: process.execPath,
      args: [...program, 'serve', '--port', String(port), ...optionsFor(place, tlsPort)],
    }),
  });
  const [one, other] = [await enter('quieta', server.port, place), await enter('quietb', server.port, place)];
  await server.dialect.pair(one, other);
  const before = await took(one, other, quietMs);
  const port = place === 'tls' ? tlsPort : server.port;
  const args = ['--import', 'tsx', attackers, name, String(port), String(attackMs + 1000)];
  // The attackers are on other machines as a rule: here they must not take the server's cores.
  const attack = new Child('nice', ['-n', '19', process.execPath, ...args], { cwd: root, keepOutput: true });
  await attack.says('attacking');
  await sleep(500);
  const during = await took(one, other, attackMs);
  await attack.says('made ');
  const [, made = '?'] = /made (\d+)/.exec(attack.output) ?? [];
  await Promise.all([attack.stop(), server.process.stop()]);
  return `| ${name} | ${made} | ${figures(before)} | ${figures(during)} |`;
}

function optionsFor(place: Place, tlsPort: number): string[] {
  if (place === 'proxy') return ['--proxy-protocol', 'on'];
  if (place === 'tls') {
    const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    const pair = selfSigned('localhost');
    writeFileSync(cert, pair.certificate);
    writeFileSync(key, pair.key, { mode: 0o600 });
    return ['--tls-cert', cert, '--tls-key', key, '--tls-port', String(tlsPort)];
  }
  if (place !== 'gate') return [];
  const file = join(folder, 'passwords');
  const line = execFileSync(process.execPath, [...program, 'password'], { cwd: root, input: `${password}\n` });
  writeFileSync(file, line, { mode: 0o600 });
  return ['--password-file', file];
}

async function enter(id: string, port: number, place: Place): Promise<User> {
  const user = await User.connect(id, port);
  if (place === 'proxy') user.send('PROXY TCP4 192.0.2.7 192.0.2.8 5000 5001\r\n');
  if (place === 'gate') {
    await user.until('Password: ');
    user.send(`${password}\n`);
  }
  user.send(`${id}\n`);
  await user.until('4) Who is online\n');
  return user;
}

/** How long each line takes from one to the other, in ms. */
async function took(one: User, other: User, ms: number): Promise<number[]> {
  const all: number[] = [];
  for (const end = Date.now() + ms; Date.now() < end; await sleep(betweenMs)) {
    const begin = performance.now();
    const text = `line ${all.length} of ${begin}`;
    one.send(`${text}\n`);
    await other.until(`${text}\n`);
    all.push(performance.now() - begin);
  }
  return all;
}

function figures(all: readonly number[]): string {
  return [0.5, 0.99, 1].map((part) => quantile(all, part).toFixed(1)).join(', ');
}

const only = process.argv[2];
console.log(machine().join('\n'));
console.log('| Attack | Connections | Without, ms at 50, 99, 100 % | With it |\n| --- | ---: | ---: | ---: |');
for (const [name, place] of attacks) {
  if (only === undefined || only === name) console.log(await measure(name, place));
}
process.exit(0);
