/** The command line: what it prints, and how it says that something is wrong. */

import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { describeNeeding } from '../support/describeNeeding.ts';
import { connect, idPrompt, menu } from '../support/person.ts';
import { ServerProcess } from '../support/serverProcess.ts';

/** Runs to its end; fails unless it complained in exactly one line and a status that isn't 0. Answers the line. */
async function complaint(args: string[], options: { uid?: number } = {}): Promise<string> {
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
    const person = await connect({ port });
    await person.expect(idPrompt);
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
    { args: ['--framing', 'bytes'], names: "'bytes'" },
    { args: ['--request-timeout', '0'], names: "'0'" },
    { args: ['--request-timeout', '9999999'], names: "'9999999'" },
    { args: ['--announce-limit', '-5'], names: "'-5'" },
    { args: ['--log-level', 'loud'], names: "'loud'" },
    { args: ['65432'], names: 'too many arguments' },
  ])('for $args', async ({ args, names }) => {
    expect(await complaint(args)).toContain(names);
  });
});

const portSetting = '/proc/sys/net/ipv4/ip_unprivileged_port_start';
/** From this port on, everybody may listen. */
const firstFreePort = Number(existsSync(portSetting) ? readFileSync(portSetting, 'utf8') : 1024);
const mayChangeUser = process.getuid?.() === 0;

describeNeeding('a system on which port 80 is privileged', firstFreePort > 80, 'on a privileged port', () => {
  it('says that it is not allowed to listen there', async () => {
    const line = await complaint(['--port', '80'], mayChangeUser ? { uid: 65_534 } : {});
    expect(line).toContain('not allowed to listen on 127.0.0.1:80');
  });
});
