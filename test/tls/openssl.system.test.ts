/** `openssl s_client` as the client: nothing of ours encrypts on its side. */
import { spawn } from 'node:child_process';
import { Duplex } from 'node:stream';
import { it, onTestFinished } from 'vitest';
import { describeNeeding, isInstalled } from '../support/describeNeeding.ts';
import { makeCertificate } from '../support/secure.ts';
import { startTestServer } from '../support/testServer.ts';
import { User } from '../support/user.ts';
import { farewell } from '../support/wireTexts.ts';

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
});
