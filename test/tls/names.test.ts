/** A certificate that a client shows over TLS can stand for the password of an id. */
import { X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ask } from '../../src/operator/adminClient.ts';
import type { ServerOptions } from '../../src/server/options.ts';
import type { Server } from '../../src/server/server.ts';
import { selfSigned } from '../support/certificate.ts';
import { cheapLine } from '../support/passwordGates.ts';
import { connectSecurely, makeCertificate } from '../support/secure.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { startTestServer } from '../support/testServer.ts';
import { connect, type User } from '../support/user.ts';
import { evicted, idPrompt, idTaken, menu, proofPrompt, wrongPassword } from '../support/wireTexts.ts';

/** What a client shows, and the line of the file for it. */
interface Shown {
  cert: string;
  key: string;
}

function newCertificate(): Shown {
  const { certificate: cert, key } = selfSigned('golan');
  return { cert, key };
}

const certified = (id: string, { cert }: Shown) => `${id}:cert:${new X509Certificate(cert).fingerprint256}`;

async function start(lines: string[], options: ServerOptions = {}) {
  const names = join(temporaryFolder(), 'names');
  const write = (written: string[]): void => writeFileSync(names, `${written.join('\n')}\n`, { mode: 0o600 });
  write(lines);
  const server = await startTestServer({ ...makeCertificate(), tlsPort: 0, names, ...options });
  const renew = (...renewed: string[]): void => {
    write(renewed);
    server.reload();
  };
  return { server, renew };
}

async function claim(server: Server, options: Parameters<typeof connectSecurely>[1] = {}) {
  const { user, socket } = await connectSecurely(server, options);
  await user.expect(idPrompt);
  user.say('golan');
  return { user, socket };
}

/** Asks for the password, which is right. */
async function expectAsked(user: User): Promise<void> {
  await user.expect(proofPrompt('golan'));
  user.say('sesame');
  await user.expect(menu);
}

describe('an id with a certificate', () => {
  const own = newCertificate();
  const other = newCertificate();
  const lines = [certified('Golan', own), `golan:${cheapLine('sesame')}`];

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('is its owner’s without a question, whoever has it: %s', async (version) => {
    const { server } = await start(lines);
    const { user: ghost } = await claim(server, { ...own, maxVersion: version });
    await ghost.expect(menu);
    const { user: golan } = await claim(server, { ...own, maxVersion: version });
    await golan.expect(menu);
    await ghost.expect(evicted);
    await ghost.expectEnd();
  });

  it.each<[who: string, options: Parameters<typeof connectSecurely>[1]]>([
    ['without a certificate', {}],
    ['with another one', other],
  ])('asks for its password who comes %s', async (_, options) => {
    const { server } = await start(lines);
    await expectAsked((await claim(server, options)).user);
  });

  it('asks for its password who comes without TLS', async () => {
    const { server } = await start(lines);
    const user = await connect(server);
    await user.expect(idPrompt);
    user.say('golan');
    await expectAsked(user);
  });

  it('is the owner’s only: another id needs its own', async () => {
    const { server } = await start([...lines, `noa:${cheapLine('sesame')}`]);
    const { user } = await connectSecurely(server, own);
    await user.expect(idPrompt);
    user.say('noa');
    await user.expect(proofPrompt('noa'));
  });

  it('may have several, and no password: then none is right', async () => {
    const { server } = await start([certified('golan', own), certified('golan', other)]);
    for (const pem of [own, other]) await (await claim(server, pem)).user.expect(menu);
    const { user: eve } = await claim(server);
    await eve.expect(proofPrompt('golan'));
    eve.say('');
    await eve.expect(`${wrongPassword}${idPrompt}`);
  });

  it('goes on with a TLS session that is resumed', async () => {
    const { server } = await start(lines);
    const { user: first, socket } = await claim(server, { ...own, maxVersion: 'TLSv1.2' });
    await first.expect(menu);
    const session = socket.getSession();
    const { user, socket: again } = await claim(server, { ...own, maxVersion: 'TLSv1.2', session });
    await user.expect(menu);
    expect(again.isSessionReused()).toBe(true);
  });

  it('is refused like one that is taken, if the operator has banned it', async () => {
    const adminSocket = join(temporaryFolder(), 'admin.sock');
    const { server } = await start(lines, { adminSocket });
    await ask(adminSocket, { by: 'test', do: 'ban', target: 'golan' });
    await (await claim(server, own)).user.expect(idTaken);
  });
});

describe('a file that changes', () => {
  const own = newCertificate();
  const password = `golan:${cheapLine('sesame')}`;

  it('has clients asked from its first such line on, and what has no line any more stands for nothing', async () => {
    const { server, renew } = await start([password]);
    const { user: early } = await connectSecurely(server, own);
    await early.expect(idPrompt);
    renew(password, certified('golan', own));
    early.say('golan');
    await expectAsked(early);
    const { user: golan } = await claim(server, own);
    await golan.expect(menu);
    await early.expect(evicted);
    const { user: late } = await connectSecurely(server, own);
    await late.expect(idPrompt);
    renew(password);
    late.say('golan');
    await expectAsked(late);
  });
});
