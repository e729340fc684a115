/** TLS and the password gate on the command line: what is wrong with a file is said at the start, and SIGHUP reads them anew. */

import { createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import pino from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SetupError } from '../../src/runtime/operatorError.ts';
import type { ServerOptions } from '../../src/server/options.ts';
import { startServer } from '../../src/server/server.ts';
import { eventually } from '../support/eventually.ts';
import { gather, startChat } from '../support/gathering.ts';
import { cheapLine, passwordFile } from '../support/passwordGates.ts';
import { connectSecurely, makeCertificate, nameShownBy } from '../support/secure.ts';
import { ServerProcess } from '../support/serverProcess.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { connect } from '../support/user.ts';
import { idPrompt, joinedServer, passwordPrompt, serverClosing, wrongPassword } from '../support/wireTexts.ts';

const tlsArgs = ({ tlsCert, tlsKey }: { tlsCert: string; tlsKey: string }): string[] => [
  ...['--tls-cert', tlsCert],
  ...['--tls-key', tlsKey],
];

/** The one line with which a server that can't start has ended. */
async function complaint(...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await new ServerProcess(['--port', '0', ...args]).ended();
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
  expect(stderr).toMatch(/^statechat: [^\n]+\n$/);
  return stderr.slice('statechat: '.length, -1);
}

describe('the line that says where it listens', () => {
  it.each([
    ['one port, which speaks TLS', [], /^statechat is listening on 127\.0\.0\.1:\d+ with TLS\n$/],
    ['two', ['--tls-port', '0'], /^statechat is listening on 127\.0\.0\.1:\d+, with TLS on 127\.0\.0\.1:\d+\n$/],
  ])('names %s', async (_, args, line) => {
    const server = new ServerProcess(['--port', '0', ...tlsArgs(makeCertificate()), ...args]);
    expect(await server.stdout.readThrough('\n')).toMatch(line);
  });

  it('is missing when the second port is in use, and that one is named', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => {
      blocker.close();
    });
    await once(blocker, 'listening');
    const { port } = blocker.address() as AddressInfo;
    expect(await complaint(...tlsArgs(makeCertificate()), '--tls-port', String(port))).toContain(
      `127.0.0.1:${port} is in use already`,
    );
  });
});

/** There a file's rights are not in its mode. */
const isWindows = process.platform === 'win32';

describe('a file with too many rights', () => {
  it.skipIf(isWindows).each([
    ['a key that others can read', 'tlsKey', 0o644, 'others can read it: chmod o-r'],
    ['a key that others can change', 'tlsKey', 0o602, 'others can change it: chmod go-w'],
    ['a key that its group can change', 'tlsKey', 0o660, 'others can change it: chmod go-w'],
    ['a certificate that others can change', 'tlsCert', 0o646, 'others can change it: chmod go-w'],
    ['passwords that others can read', 'passwordFile', 0o604, 'others can read it: chmod o-r'],
  ] as const)('is named at the start, and used: %s', async (_, which, mode, problem) => {
    const files = { ...makeCertificate(), passwordFile: passwordFile('secret') };
    chmodSync(files.tlsKey, 0o600);
    chmodSync(files.passwordFile, 0o640);
    chmodSync(files[which], mode);
    const warnings = await warningsOf(files);
    expect(warnings).toEqual([
      expect.objectContaining({ file: files[which], problem, msg: 'a file has too many rights' }),
    ]);
  });

  it.skipIf(isWindows)('is not one that only its user and its group can read', async () => {
    const files = { ...makeCertificate(), passwordFile: passwordFile('secret') };
    chmodSync(files.tlsKey, 0o640);
    chmodSync(files.tlsCert, 0o644);
    chmodSync(files.passwordFile, 0o400);
    expect(await warningsOf(files)).toEqual([]);
  });

  it.skipIf(isWindows)('is one that others can replace', async () => {
    const files = makeCertificate();
    chmodSync(files.tlsKey, 0o600);
    chmodSync(dirname(files.tlsKey), 0o777);
    const [warning] = await warningsOf(files);
    expect(warning).toMatchObject({ problem: 'others can put another file in its place: chmod o-w of its folder' });
  });
});

/** What a server that starts with these files warns of. */
async function warningsOf(files: ServerOptions): Promise<object[]> {
  const lines: object[] = [];
  const log = pino({ level: 'warn' }, { write: (line) => void lines.push(JSON.parse(line)) });
  const server = await startServer({ port: 0, ...files, log });
  await server.stop();
  return lines;
}

/** What a server says that can't use its files. */
async function refusal(options: ServerOptions): Promise<string> {
  const error = await startServer({ port: 0, ...options }).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(SetupError);
  return (error as SetupError).message;
}

describe('a server that can’t use a file', () => {
  it('ends with one line about it', async () => {
    const missing = join(temporaryFolder(), 'missing');
    expect(await complaint('--password-file', missing)).toBe(`${missing}: there is no such file.`);
  });

  it('names it, when it is a folder, or holds no password', async () => {
    const folder = temporaryFolder();
    expect(await refusal({ passwordFile: folder })).toBe(`${folder}: it is a directory.`);
    const file = join(folder, 'passwords');
    writeFileSync(file, 'secret\n');
    expect(await refusal({ passwordFile: file })).toBe(`${file}, line 1: this is no line of \`statechat password\`.`);
  });
});

describe('of certificate and key, the server names', () => {
  it('the one that is not there', async () => {
    const { tlsCert, tlsKey } = makeCertificate();
    const missing = join(temporaryFolder(), 'missing.pem');
    const complaints = [await refusal({ tlsCert: missing, tlsKey }), await refusal({ tlsCert, tlsKey: missing })];
    expect(complaints).toEqual(Array(2).fill(`${missing}: there is no such file.`));
  });

  it('the one that is not what it should be', async () => {
    const { tlsCert, tlsKey } = makeCertificate();
    const other = makeCertificate('other');
    expect(await refusal({ tlsCert: tlsKey, tlsKey: tlsCert })).toBe(`${tlsKey}: this is no certificate in PEM form.`);
    expect(await refusal({ tlsCert, tlsKey: tlsCert })).toBe(`${tlsCert}: this is no private key in PEM form.`);
    expect(await refusal({ tlsCert, tlsKey: other.tlsKey })).toBe(
      `${other.tlsKey}: this private key is not the one of the certificate in ${tlsCert}.`,
    );
    const chain = join(temporaryFolder(), 'chain.pem');
    const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    writeFileSync(chain, readFileSync(tlsCert, 'utf8') + broken);
    expect(await refusal({ tlsCert: chain, tlsKey })).toContain(`${chain}: TLS can't use this certificate (`);
  });

  it('a key that has a passphrase', async () => {
    const { tlsCert, tlsKey } = makeCertificate();
    const locked = join(temporaryFolder(), 'locked.pem');
    const key = createPrivateKey(readFileSync(tlsKey));
    const lock = { cipher: 'aes-256-cbc', passphrase: 'secret' };
    writeFileSync(locked, key.export({ type: 'pkcs8', format: 'pem', ...lock }));
    expect(await refusal({ tlsCert, tlsKey: locked })).toContain(`${locked}: this private key asks for a passphrase`);
  });

  it('the option that is missing', async () => {
    expect(await refusal({ tlsCert: 'a file' })).toContain('--tls-key is missing');
    expect(await refusal({ tlsKey: 'a file' })).toContain('--tls-cert is missing');
    expect(await refusal({ tlsPort: 0 })).toContain('--tls-cert is missing');
  });
});

describe('on SIGHUP', () => {
  it('those who come see the new certificate, and those who are there chat on', async () => {
    const folder = temporaryFolder();
    const files = { tlsCert: join(folder, 'cert.pem'), tlsKey: join(folder, 'key.pem') };
    const put = (from: { tlsCert: string; tlsKey: string }): void => {
      copyFileSync(from.tlsCert, files.tlsCert);
      copyFileSync(from.tlsKey, files.tlsKey);
    };
    put(makeCertificate('before'));
    const server = new ServerProcess(['--port', '0', '--tls-port', '0', ...tlsArgs(files)]);
    const address = await server.listening();
    const { user: golan } = await connectSecurely(address);
    const [lior] = await gather(address, 'lior');
    await golan.identify('golan');
    await lior.expect(joinedServer('golan'));
    await startChat(lior, golan);
    expect(await nameShownBy(address)).toBe('before');

    put(makeCertificate('later'));
    server.signal('SIGHUP');
    await eventually(() => nameShownBy(address)).toBe('later');

    // A pair that doesn't fit changes nothing.
    copyFileSync(makeCertificate('stray').tlsCert, files.tlsCert);
    server.signal('SIGHUP');
    await eventually(() => server.log).toContain('not reloaded');
    expect(await nameShownBy(address)).toBe('later');
    expect(server.log).toContain(`${files.tlsKey}: this private key is not the one`);

    golan.say('still here');
    await lior.expect('golan: still here\n');
    server.signal('SIGTERM');
    for (const user of [lior, golan]) {
      await user.expect(serverClosing);
      await user.expectEnd();
    }
    expect((await server.ended()).exitCode).toBe(0);
  });
});

describe('on SIGHUP', () => {
  it('other passwords are in force', async () => {
    const file = passwordFile('old');
    const server = new ServerProcess(['--port', '0', '--password-file', file]);
    const address = await server.listening();
    const waiting = await connect(address);
    await waiting.expect(passwordPrompt);
    writeFileSync(file, cheapLine('new'));
    server.signal('SIGHUP');
    await eventually(() => server.log).toContain('passwords read');
    waiting.say('old');
    await waiting.expect(`${wrongPassword}${passwordPrompt}`);
    waiting.say('new');
    await waiting.expect(idPrompt);

    writeFileSync(file, 'no hash');
    server.signal('SIGHUP');
    await eventually(() => server.log).toContain('line 1: this is no line');
    const other = await connect(address);
    other.send('new\n');
    await other.expect(`${passwordPrompt}${idPrompt}`);
  });
});
