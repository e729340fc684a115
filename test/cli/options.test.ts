/** The command line: what it prints, and how it says that something is wrong. */

import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { parseOptions } from '../../src/cli/serveOptions.ts';
import { type Limits, limits, limitTable } from '../../src/config/limits.ts';
import { describeNeeding } from '../support/describeNeeding.ts';
import { ServerProcess } from '../support/serverProcess.ts';
import { connect } from '../support/user.ts';
import { idPrompt, menu } from '../support/wireTexts.ts';

/** Runs to its end; fails unless it complained in exactly one line and a status that isn't 0. Answers the line. */
async function complaint(
  args: string[],
  options: { uid?: number; env?: Record<string, string> } = {},
): Promise<string> {
  const result = await new ServerProcess(args, options).ended();
  expect(result).toMatchObject({ stdout: '', signal: null, stderr: expect.stringMatching(/^[^\n]+\n$/) });
  expect(result.exitCode).toEqual(expect.any(Number));
  expect(result.exitCode).not.toBe(0);
  expect(result.stderr).not.toMatch(/\bat .*:\d+:\d+|Error:|node:/);
  return result.stderr;
}

describe('the command line', () => {
  it('explains every option with --help', async () => {
    const { exitCode, stdout, stderr } = await new ServerProcess(['--help']).ended();
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    for (const option of ['host', 'port', 'framing', 'request-timeout', 'announce-limit', 'log-level', 'version']) {
      expect(stdout).toContain(`--${option}`);
    }
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('prints the version of the package with --version', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    const result = await new ServerProcess(['--version']).ended();
    expect(result).toEqual({ exitCode: 0, signal: null, stdout: `${version}\n`, stderr: '' });
  });

  it('prints one line that says where it listens, with the port it got for 0', async () => {
    const server = new ServerProcess(['--port', '0']);
    const { host, port } = await server.listening();
    expect(host).toBe('127.0.0.1');
    expect(port).toBeGreaterThan(0);
    const user = await connect({ port });
    await user.expect(idPrompt);
    server.signal('SIGTERM');
    expect(await server.ended()).toMatchObject({ exitCode: 0, stdout: '' });
  });

  it('does not take first bytes without a line feed for a line with --framing lines', async () => {
    const { port } = await new ServerProcess(['--port', '0', '--framing', 'lines']).listening();
    const guessing = await new ServerProcess(['--port', '0']).listening();
    const lior = await connect({ port });
    await lior.expect(idPrompt);
    lior.send('li');
    // A server that guesses has taken its guess by then.
    const other = await connect(guessing);
    await other.expect(idPrompt);
    other.send('other');
    await other.expect(menu);
    lior.send('or\n4\n');
    await lior.expect(`${menu}lior (free, you)\n${menu}`);
  });
});

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('each limit', () => {
  /** A text that each kind of limit takes, and what the limit is then: times are kept in ms. */
  const examples: Record<(typeof limitTable)[keyof typeof limitTable]['kind'], [given: string, kept: number]> = {
    ...{ count: ['7', 7], countOrZero: ['0', 0], seconds: ['0.007', 7], secondsOrZero: ['0', 0], rate: ['0.5', 0.5] },
  };
  const options = Object.entries(limitTable).map(
    ([limit, { flag, kind }]) => [flag.slice(2).split(' ')[0] ?? '', limit as keyof Limits, ...examples[kind]] as const,
  );
  const variable = (option: string): string => `STATECHAT_${option.toUpperCase().replaceAll('-', '_')}`;
  /** How long the end takes isn't asked of anybody. */
  const notOptions: (keyof Limits)[] = ['lingerMs', 'drainMs'];

  it('that is not the end’s is an option, and has its default', () => {
    const names = options.map(([, limit]) => limit);
    expect([...names, ...notOptions].sort()).toEqual(Object.keys(limits).sort());
    const parsed = parseOptions([]);
    for (const name of names) expect([name, parsed[name]]).toEqual([name, limits[name]]);
  });

  it.each(options)('is given as --%s, which sets %s and no other', (option, limit, given, kept) => {
    expect(parseOptions([`--${option}`, given])).toEqual({ ...parseOptions([]), [limit]: kept });
  });

  it.each(options)('is given in the environment as --%s would be', (option, limit, given, kept) => {
    const preset = parseOptions([]);
    vi.stubEnv(variable(option), given);
    expect(parseOptions([])).toEqual({ ...preset, [limit]: kept });
  });

  it.each(options)('is what the command line says when the environment says otherwise: --%s', (option, limit) => {
    vi.stubEnv(variable(option), '9');
    const ten = limit.endsWith('Ms') ? 10_000 : 10;
    expect(parseOptions([`--${option}`, '10'])[limit]).toBe(ten);
    expect(parseOptions([`--${option}=10`])[limit]).toBe(ten);
  });

  it.each(options)('is what the command line says though the environment holds nonsense: --%s', (option, limit) => {
    vi.stubEnv(variable(option), 'many');
    expect(parseOptions([`--${option}`, '10'])[limit]).toBe(limit.endsWith('Ms') ? 10_000 : 10);
  });

  it.each(options)('says with --help which variable it has: --%s', (option) => {
    expect(help()).toContain(variable(option));
  });
});

describe('what is no limit', () => {
  it.each([
    ['host', '--host', '::1', 'STATECHAT_HOST', '192.0.2.1'],
    ['port', '--port', '7', 'STATECHAT_PORT', '8'],
    ['framing', '--framing', 'lines', 'STATECHAT_FRAMING', 'lines'],
    ['logLevel', '--log-level', 'debug', 'STATECHAT_LOG_LEVEL', 'silent'],
    ['tlsCert', '--tls-cert', 'a.pem', 'STATECHAT_TLS_CERT', 'b.pem'],
    ['tlsKey', '--tls-key', 'a.pem', 'STATECHAT_TLS_KEY', 'b.pem'],
    ['tlsPort', '--tls-port', '7', 'STATECHAT_TLS_PORT', '8'],
    ['passwordFile', '--password-file', 'a', 'STATECHAT_PASSWORD_FILE', 'b'],
    ['logFormat', '--log-format', 'json', 'STATECHAT_LOG_FORMAT', 'pretty'],
    ['metricsPort', '--metrics', '7', 'STATECHAT_METRICS', '8'],
  ] as const)(
    'is in the environment too, and the command line wins: %s',
    (name, option, given, variable, elsewhere) => {
      vi.stubEnv(variable, elsewhere);
      expect(String(parseOptions([])[name])).toBe(elsewhere);
      expect(String(parseOptions([option, given])[name])).toBe(given);
    },
  );
});

describe('one line says what is wrong in the environment, and the status is not 0', () => {
  it.each([
    ['STATECHAT_PORT', 'http'],
    ['STATECHAT_RATE_LIMIT', '-1'],
    ['STATECHAT_IDLE_TIMEOUT', 'an hour'],
    ['STATECHAT_MAX_CONNECTIONS', ''],
    ['STATECHAT_LOG_LEVEL', 'loud'],
  ])('for %s=%j', async (name, value) => {
    const line = await complaint(['--port', '0'].slice(name === 'STATECHAT_PORT' ? 2 : 0), { env: { [name]: value } });
    for (const part of [name, `'${value}'`]) expect(line).toContain(part);
  });
});

/** What `--help` prints, without a process of its own. */
function help(): string {
  let text = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((part) => {
    text += part;
    return true;
  });
  const exit = vi.spyOn(process, 'exit').mockImplementation(() => {
    throw new Error('exit');
  });
  try {
    expect(() => parseOptions(['--help'])).toThrow('exit');
  } finally {
    write.mockRestore();
    exit.mockRestore();
  }
  return text;
}

it('an address of IP version 6 may stand in brackets, as the server says it', () => {
  expect(parseOptions(['--host', '[::1]']).host).toBe('::1');
});

describe('one line says what is wrong, and the status is not 0', () => {
  it('when the port is in use', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => {
      blocker.close();
    });
    await once(blocker, 'listening');
    const { port } = blocker.address() as AddressInfo;
    expect(await complaint(['--port', String(port)])).toContain(`127.0.0.1:${port} is in use already`);
  });

  it.each(['192.0.2.1', 'no.such.host.invalid'])('when %s is not an address of this machine', async (host) => {
    expect(await complaint(['--host', host, '--port', '0'])).toContain(`${host} is not an address of this machine`);
  });

  it.each([
    { args: ['--colour'], names: '--colour' },
    { args: ['--prot', '1'], names: '--prot' },
    { args: ['--port'], names: '--port' },
    { args: ['--port', 'http'], names: "'http'" },
    { args: ['--port', '65536'], names: "'65536'" },
    { args: ['--port', ''], names: "''" },
    { args: ['--tls-port', '65536'], names: "'65536'" },
    { args: ['--password-tries', '0'], names: "'0'" },
    { args: ['--framing', 'bytes'], names: "'bytes'" },
    { args: ['--request-timeout', '0'], names: "'0'" },
    { args: ['--request-timeout', '9999999'], names: "'9999999'" },
    { args: ['--announce-limit', '-5'], names: "'-5'" },
    { args: ['--max-connections', '0'], names: "'0'" },
    { args: ['--id-tries', '0'], names: "'0'" },
    { args: ['--rate-limit', '1e3'], names: "'1e3'" },
    { args: ['--rate-burst', '1.5'], names: "'1.5'" },
    { args: ['--outbox', '64k'], names: "'64k'" },
    { args: ['--stall-timeout', '0'], names: "'0'" },
    { args: ['--idle-timeout', '2147484'], names: "'2147484'" },
    { args: ['--log-level', 'loud'], names: "'loud'" },
    { args: ['--log-format', 'xml'], names: "'xml'" },
    { args: ['--metrics', '65536'], names: "'65536'" },
    { args: ['65432'], names: 'too many arguments' },
  ])('for $args', async ({ args, names }) => {
    expect(await complaint(args)).toContain(names);
  });
});

const portSetting = '/proc/sys/net/ipv4/ip_unprivileged_port_start';
/** From this port on, everybody may listen. */
const firstFreePort = Number(existsSync(portSetting) ? readFileSync(portSetting, 'utf8') : 1024);
const mayChangeUser = process.getuid?.() === 0;
/** Node may lie where only root may go. */
const othersHaveNode =
  !mayChangeUser || spawnSync(process.execPath, ['--version'], { uid: 65_534, gid: 65_534 }).status === 0;
const isPrivileged = firstFreePort > 80 && othersHaveNode;

describeNeeding(
  'a system on which port 80 is privileged for who has Node',
  isPrivileged,
  'on a privileged port',
  () => {
    it('says that it is not allowed to listen there', async () => {
      const line = await complaint(['--port', '80'], mayChangeUser ? { uid: 65_534 } : {});
      expect(line).toContain('not allowed to listen on 127.0.0.1:80');
    });
  },
);
