/**
 * The files that a server reads when it starts and when it reloads: certificate, key, passwords and names.
 *
 * Owns: which files these are, and that a file that can't be used changes nothing.
 * Next: `certificate.ts`, `../passwordGate/file.ts`, `../passwordGate/nameFile.ts`.
 */
import { readPasswordFile } from '../passwordGate/file.ts';
import type { PasswordGates } from '../passwordGate/gates.ts';
import type { PasswordHash } from '../passwordGate/hash.ts';
import { type NameTable, readNameFile } from '../passwordGate/nameFile.ts';
import type { NameProofs } from '../passwordGate/nameProofs.ts';
import { accessProblem } from '../runtime/fileAccess.ts';
import type { Log } from '../runtime/log.ts';
import { SetupError } from '../runtime/operatorError.ts';
import type { Shown } from '../transport/tlsHandshakes.ts';
import type { Acceptor } from './acceptor.ts';
import { type Certificate, readCertificate } from './certificate.ts';
import type { ServerOptions } from './options.ts';

type TlsOptions = Pick<ServerOptions, 'tlsCert' | 'tlsKey' | 'tlsPort' | 'sockets'>;

export class ServerFiles {
  /** The right passwords; undefined if the server has no password. */
  readonly passwords: readonly PasswordHash[] | undefined;
  readonly #tls: [certFile: string, keyFile: string] | undefined;
  readonly #passwordFile: string | undefined;
  readonly #nameFile: string | undefined;
  readonly #log: Log;
  #certificate: Certificate | undefined;
  #names: NameTable | undefined;

  /** Throws a `SetupError` if a file can't be used, or one of the two for TLS is missing. */
  constructor(options: TlsOptions & Pick<ServerOptions, 'passwordFile' | 'names'>, log: Log) {
    this.#log = log;
    this.#tls = tlsFilesOf(options);
    this.#passwordFile = options.passwordFile;
    this.#nameFile = options.names;
    this.#certificate = this.#tls && readCertificate(...this.#tls);
    this.passwords = this.#passwordFile === undefined ? undefined : readPasswordFile(this.#passwordFile);
    this.#names = this.#nameFile === undefined ? undefined : readNameFile(this.#nameFile);
    this.#warnOfAccess();
  }

  /** The names that stay; undefined if there is no file of them. */
  get names(): NameTable | undefined {
    return this.#names;
  }

  /** The certificate, and whether clients are asked for one: if it can stand for a password. Undefined without TLS. */
  get certificate(): (Certificate & Shown) | undefined {
    const asksClients = [...(this.#names?.values() ?? [])].some(({ certificates }) => certificates.size > 0);
    return this.#certificate && { ...this.#certificate, asksClients };
  }

  /** Reads all files again. A file that can't be used is logged, and its earlier content stays in use. */
  reload(acceptor: Acceptor, gates: PasswordGates | undefined, names: NameProofs | undefined): void {
    this.#attempt(() => {
      if (this.#tls === undefined) return;
      this.#certificate = readCertificate(...this.#tls);
      this.logCertificate();
    });
    this.#attempt(() => {
      if (this.#passwordFile === undefined || gates === undefined) return;
      gates.renew(readPasswordFile(this.#passwordFile));
      this.#log.info({ file: this.#passwordFile }, 'passwords read');
    });
    this.#attempt(() => {
      if (this.#nameFile === undefined || names === undefined) return;
      this.#names = readNameFile(this.#nameFile);
      names.renew(this.#names);
      this.#log.info({ file: this.#nameFile, names: this.#names.size }, 'names read');
    });
    this.#attempt(() => {
      // New names may be a reason to ask clients for their certificate.
      if (this.certificate !== undefined) acceptor.renew(this.certificate);
    });
    this.#attempt(() => this.#warnOfAccess());
  }

  /** Warns of files with the wrong access. They are used nevertheless: the operator decides. */
  #warnOfAccess(): void {
    const [certFile, keyFile] = this.#tls ?? [];
    const kinds = [
      [certFile, 'public'],
      [keyFile, 'secret'],
      [this.#passwordFile, 'secret'],
      [this.#nameFile, 'secret'],
    ] as const;
    for (const [file, kind] of kinds) {
      const problem = file === undefined ? undefined : accessProblem(file, kind);
      if (problem !== undefined) this.#log.warn({ file, problem }, 'a file has too many rights');
    }
  }

  /** Without TLS there is nothing to log. */
  logCertificate(): void {
    if (this.#certificate === undefined) return;
    const { validTo } = this.#certificate;
    this.#log.info({ file: this.#tls?.[0], validTo }, 'certificate read');
  }

  #attempt(renew: () => void): void {
    try {
      renew();
    } catch (error) {
      const reason = error instanceof SetupError ? error.message : error;
      this.#log.error({ reason }, 'not reloaded: what was read before stays in force');
    }
  }
}

/** Throws a `SetupError` if there is to be TLS, and one of its two files is missing. */
function tlsFilesOf({
  tlsCert,
  tlsKey,
  tlsPort,
  sockets,
}: TlsOptions): [certFile: string, keyFile: string] | undefined {
  if (tlsCert !== undefined && tlsKey !== undefined) return [tlsCert, tlsKey];
  const isWanted = (tlsCert ?? tlsKey ?? tlsPort) !== undefined || (sockets?.tls.length ?? 0) > 0;
  if (!isWanted) return undefined;
  const missing = tlsCert === undefined ? '--tls-cert' : '--tls-key';
  throw new SetupError(`TLS needs a certificate and its private key: ${missing} is missing.`);
}
