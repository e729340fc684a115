/**
 * TLS for tests: certificates that are made for the occasion, and users who come through it.
 *
 * Owns: the files, which go when the test ends, and the user's end of the encryption. Next: `user.ts`.
 */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect as openSocket } from 'node:net';
import { join } from 'node:path';
import { type ConnectionOptions, connect as openTls, type TLSSocket } from 'node:tls';
import { onTestFinished } from 'vitest';
import { selfSigned } from './certificate.ts';
import { temporaryFolder } from './temporaryFolder.ts';
import { User } from './user.ts';

export interface CertificateFiles {
  tlsCert: string;
  tlsKey: string;
}

/** A certificate for this name, signed by itself, and its key. */
export function makeCertificate(name = 'localhost', folder = temporaryFolder()): CertificateFiles {
  const files = { tlsCert: join(folder, `${name}.cert.pem`), tlsKey: join(folder, `${name}.key.pem`) };
  const { certificate, key } = selfSigned(name);
  writeFileSync(files.tlsCert, certificate);
  writeFileSync(files.tlsKey, key, { mode: 0o600 });
  return files;
}

export interface SecureUser {
  user: User;
  socket: TLSSocket;
}

/** Opens a connection with TLS; it is closed when the test ends. `keepsOpen` doesn't answer an end with one. */
export async function connectSecurely(
  server: { tlsPort: number | undefined },
  { keepsOpen = false, ...options }: ConnectionOptions & { keepsOpen?: boolean } = {},
): Promise<SecureUser> {
  const raw = openSocket({ port: server.tlsPort ?? 0, host: '127.0.0.1', noDelay: true, allowHalfOpen: keepsOpen });
  const socket = openTls({ socket: raw, rejectUnauthorized: false, ...options });
  onTestFinished(() => {
    raw.destroy();
  });
  const user = new User(socket);
  await once(socket, 'secureConnect');
  return { user, socket };
}

/** The name in the certificate that the server shows to a new connection. */
export async function nameShownBy(server: { tlsPort: number | undefined }): Promise<string> {
  const { user, socket } = await connectSecurely(server);
  const name = socket.getPeerCertificate().subject.CN;
  user.hangUp();
  return String(name);
}
