/** The client with TLS: whom it trusts, what it says when it doesn't, and that nothing else changes. */
import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runClient } from '../support/runClient.ts';
import { makeCertificate } from '../support/secure.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { startTestServer } from '../support/testServer.ts';
import { idPrompt, menu } from '../support/wireTexts.ts';

describe('the client with TLS', () => {
  it('chats with a server whose certificate it was given', async () => {
    const files = makeCertificate('localhost');
    const { port } = await startTestServer(files);
    const { exitCode, stdout, stderr } = await runClient(['localhost', port, '--ca', files.tlsCert], 'lior\n4\n2\n');
    expect(stderr).toBe('');
    expect(stdout).toContain('lior (free, you)\n');
    expect(stdout).toMatch(/Goodbye!\n$/);
    expect(exitCode).toBe(0);
  });

  it('reads every answer when its input ends before them', async () => {
    const files = makeCertificate('localhost');
    const { port } = await startTestServer(files);
    const { exitCode, stdout } = await runClient(['localhost', port, '--ca', files.tlsCert], 'lior\n4\n4');
    expect(stdout.match(/lior \(free, you\)/g)).toHaveLength(2);
    expect(exitCode).toBe(0);
  });

  it('takes any server with --insecure', async () => {
    const { port } = await startTestServer(makeCertificate('elsewhere'));
    const { exitCode, stdout } = await runClient(['127.0.0.1', port, '--insecure'], 'lior\n2\n');
    expect(stdout).toMatch(/Goodbye!\n$/);
    expect(exitCode).toBe(0);
  });

  it('says nothing to a server that nobody has vouched for', async () => {
    const server = await startTestServer(makeCertificate('localhost'));
    const { exitCode, stdout, stderr } = await runClient(['localhost', server.port, '--tls'], 'lior\n');
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^statechat client: nobody this machine trusts has signed .* --ca if you have it\.\n$/);
    expect(exitCode).toBe(1);
    expect(server.lobby.sessions.size).toBe(0);
  });

  it('says so when the certificate is for another name', async () => {
    const files = makeCertificate('elsewhere');
    const { port } = await startTestServer(files);
    const { exitCode, stderr } = await runClient(['localhost', port, '--ca', files.tlsCert], '');
    expect(stderr).toMatch(/is for another name than localhost\.\n$/);
    expect(exitCode).toBe(1);
  });

  it('says so when the server speaks no TLS', async () => {
    const { port } = await startTestServer();
    const { exitCode, stderr } = await runClient(['127.0.0.1', port, '--tls'], '');
    expect(stderr).toMatch(/doesn't speak TLS/);
    expect(exitCode).toBe(1);
  });

  it('says within a few seconds that the port may speak TLS, if it was not told so', async () => {
    const { port } = await startTestServer(makeCertificate('localhost'));
    const began = Date.now();
    const { stderr } = await runClient(['127.0.0.1', port], null, { until: 'If it speaks TLS, say --tls.\n' });
    expect(stderr).toMatch(
      /^statechat client: 127\.0\.0\.1:\d+ has said nothing yet\. If it speaks TLS, say --tls\.\n$/,
    );
    expect(Date.now() - began).toBeLessThan(9000);
  });

  it('shows its own certificate, which stands for the password of the id', async () => {
    const files = makeCertificate('localhost');
    const own = makeCertificate('golan');
    const names = join(temporaryFolder(), 'names');
    const { fingerprint256 } = new X509Certificate(readFileSync(own.tlsCert));
    writeFileSync(names, `golan:cert:${fingerprint256}\n`, { mode: 0o600 });
    const { port } = await startTestServer({ ...files, names });
    const shown = ['--cert', own.tlsCert, '--key', own.tlsKey];
    const { exitCode, stdout } = await runClient(['localhost', port, '--ca', files.tlsCert, ...shown], 'golan\n2\n');
    expect(stdout).toBe(`${idPrompt}${menu}Goodbye!\n`);
    expect(exitCode).toBe(0);
  });

  it('says in one line what is wrong with its own certificate', async () => {
    const [own, other] = [makeCertificate('golan'), makeCertificate('noa')];
    const complaints = [
      [['--cert', own.tlsCert], '--cert and --key are needed both.'],
      [['--key', own.tlsKey], '--cert and --key are needed both.'],
      [['--cert', own.tlsCert, '--key', other.tlsKey], 'this private key is not the one of the certificate'],
      [['--cert', own.tlsKey, '--key', own.tlsKey], 'this is no certificate in PEM form.'],
    ] as const;
    for (const [args, complaint] of complaints) {
      const { stderr, exitCode } = await runClient([...args], '');
      expect(stderr).toMatch(/^statechat client: [^\n]+\n$/);
      expect(stderr).toContain(complaint);
      expect(exitCode).toBe(1);
    }
  });

  it('refuses to trust a certificate and everything at the same time', async () => {
    const { tlsCert } = makeCertificate('localhost');
    const { stderr, exitCode } = await runClient(['--ca', tlsCert, '--insecure'], '');
    expect(stderr).toMatch(/'--ca <file>' cannot be used with option '--insecure'/);
    expect(exitCode).toBe(1);
  });

  it('names a file that is none, or holds no certificate', async () => {
    const file = join(temporaryFolder(), 'ca.pem');
    expect((await runClient(['--ca', file], '')).stderr).toMatch(/It can't be read \(ENOENT\)\.\n$/);
    writeFileSync(file, 'no certificate\n');
    expect((await runClient(['--ca', file], '')).stderr).toMatch(/It holds no certificate in PEM form\.\n$/);
  });
});
