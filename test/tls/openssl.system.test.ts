/** `openssl s_client` as the client: nothing of ours encrypts on its side. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';
import { describeNeeding, isInstalled } from '../support/describeNeeding.ts';
import { makeCertificate } from '../support/secure.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { startTestServer } from '../support/testServer.ts';
import { User } from '../support/user.ts';
import { farewell } from '../support/wireTexts.ts';

/** What `openssl s_client` says of the handshake at this port. */
async function handshakeAt(port: number | undefined): Promise<string> {
  const child = spawn('openssl', ['s_client', '-connect', `127.0.0.1:${port}`], { stdio: ['pipe', 'pipe', 'ignore'] });
  child.stdin.end();
  const stdout = await text(child.stdout);
  expect(stdout).toContain('BEGIN CERTIFICATE');
  return stdout;
}

/** `openssl s_client`, which people use as they use netcat. */
function openssl(port: number | undefined, ...args: string[]): User {
  const target = ['-connect', `127.0.0.1:${port}`, '-quiet', ...args];
  const child = spawn('openssl', ['s_client', ...target], { stdio: ['pipe', 'pipe', 'ignore'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return new User(Duplex.from({ writable: child.stdin, readable: child.stdout }));
}

describeNeeding('openssl', isInstalled('openssl', 'version'), 'openssl s_client', () => {
  it.each(['TLSv1.2', 'TLSv1.3'])('serves it with %s', async (version) => {
    const server = await startTestServer(makeCertificate());
    const lior = openssl(server.port, version === 'TLSv1.2' ? '-tls1_2' : '-tls1_3');
    await lior.identify('lior');
    lior.choose(2);
    await lior.expect(farewell);
    await lior.expectEnd();
  });

  it('is asked for a certificate while one can stand for a password, and never at the page', async () => {
    const names = join(temporaryFolder(), 'names');
    const write = (...lines: string[]) => writeFileSync(names, lines.join('\n'), { mode: 0o600 });
    write();
    const server = await startTestServer({ ...makeCertificate(), names, webPort: 0 });
    const asks = 'Requested Signature Algorithms';
    expect(await handshakeAt(server.port)).not.toContain(asks);
    write(`golan:cert:${'AB:'.repeat(31)}AB`);
    server.reload();
    expect(await handshakeAt(server.port)).toContain(asks);
    expect(await handshakeAt(server.webPort)).not.toContain(asks);
  });
});
