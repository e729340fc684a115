/**
 * The certificate and the private key that TLS needs, from their files.
 *
 * Owns: what has to be in them, and the sentence for each thing that can be wrong. Next: `../transport/tlsHandshakes.ts`, which uses them.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { readSetupFile, SetupError } from '../runtime/operatorError.ts';

/** PEM texts that fit each other. */
export interface Certificate {
  /** The server's own certificate first, then those between it and its root, if there are any. */
  cert: string;
  key: string;
  /** Until when the server's own certificate is good, for the log. */
  validTo: string;
}

/** Throws a `SetupError` that names the file and what is wrong with it. */
export function readCertificate(certFile: string, keyFile: string): Certificate {
  const cert = readSetupFile(certFile);
  const key = readSetupFile(keyFile);
  const own = attempt(() => new X509Certificate(cert), `${certFile}: this is no certificate in PEM form.`);
  if (!own.checkPrivateKey(privateKeyOf(keyFile, key))) {
    throw new SetupError(`${keyFile}: this private key is not the one of the certificate in ${certFile}.`);
  }
  // What is left to go wrong: certificates behind the first, and keys that are too weak for TLS.
  attempt(
    () => createSecureContext({ cert, key }),
    (reason) => `${certFile}: TLS can't use this certificate (${reason}).`,
  );
  return { cert, key, validTo: own.validTo };
}

function privateKeyOf(file: string, key: string): KeyObject {
  if (/^-----BEGIN ENCRYPTED|^Proc-Type:.*ENCRYPTED/m.test(key)) {
    throw new SetupError(`${file}: this private key asks for a passphrase, which nobody could type at every start.`);
  }
  return attempt(() => createPrivateKey(key), `${file}: this is no private key in PEM form.`);
}

function attempt<T>(read: () => T, complaint: string | ((reason: string) => string)): T {
  try {
    return read();
  } catch (error) {
    throw new SetupError(typeof complaint === 'string' ? complaint : complaint((error as Error).message));
  }
}
