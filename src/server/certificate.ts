/**
 * The certificate and the private key that TLS needs, from their files.
 *
 * Owns: what has to be in them, and the sentence for each mistake. Next: `../transport/tlsHandshakes.ts`.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { readSetupFile, SetupError } from '../runtime/operatorError.ts';

/** A certificate and its key, as PEM texts. */
export interface Certificate {
  /** The server's own certificate, then those between it and its root, if there are any. */
  cert: string;
  key: string;
  /** Until when the server's own certificate is valid, for the log. */
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
  // Finds mistakes in the certificates after the first one, and keys that are too weak for TLS.
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
