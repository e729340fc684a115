/**
 * The client's command line.
 *
 * Owns: arguments, options, their defaults and the sentences about wrong ones.
 * Knows nothing of what the client does with them.
 */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ClientOptions } from '../client/client.ts';
import type { Address } from '../client/connection.ts';
import { SetupError } from '../runtime/operatorError.ts';
import { version } from '../runtime/version.ts';
import { readCertificate } from '../server/certificate.ts';
import { createCommand, examples } from './command.ts';

/** Reads the arguments after the script's name; prints and exits for `--help`, `--version` and mistakes. */
export function parseClientOptions(args: readonly string[]): ClientOptions {
  const command = createCommand('statechat connect', 'statechat client')
    .description('Chat on a statechat server from the terminal, or from a script by piping lines in.')
    .argument('[server]', 'HOST, HOST:PORT or PORT (default: 127.0.0.1)', parseServer)
    .argument('[port]', 'port of the server (default: 65432)', parsePort)
    .option('--id <name>', 'your user id: given when the server asks for one', parseId)
    .option('--times', 'show the time before each line')
    .option('--no-bell', "don't ring when a user asks for you or mentions your id")
    .option('--tls', 'use TLS')
    .option('--plain', 'for screen readers: no colours, and nothing is written twice')
    .addOption(
      new Option('--ca <file>', 'use TLS and trust this certificate (PEM)')
        .argParser(readCertificates)
        .conflicts('insecure'),
    )
    .option('--insecure', 'use TLS without checking the certificate')
    .option('--cert <file>', 'use TLS and show this certificate, which may stand for the password of your id (PEM)')
    .option('--key <file>', 'its private key (PEM)')
    .version(version, '--version', 'print the version')
    .helpOption('--help', 'print this help')
    .addHelpText('after', examples('statechat connect', 'statechat connect chat.example.org:7000 --tls --id lior'))
    .parse(args, { from: 'user' });
  const [server, secondPort] = command.processedArgs as [Partial<Address> | undefined, number | undefined];
  if (server?.port !== undefined && secondPort !== undefined) command.error('the port is given twice.');
  const { host = '127.0.0.1', port = secondPort ?? 65_432 } = server ?? {};
  const { tls, ca, insecure, cert, key, ...person } = command.opts<
    Pick<ClientOptions, 'id' | 'times' | 'bell' | 'plain'> & Secured
  >();
  const own = ownCertificate(command, cert, key);
  const isSecure = tls || ca !== undefined || insecure || own;
  return {
    ...{ host, port, ...person },
    ...(isSecure && { tls: { ...(ca && { ca }), ...(insecure && { insecure }), ...own } }),
  };
}

interface Secured {
  tls?: true;
  ca?: string;
  insecure?: true;
  cert?: string;
  key?: string;
}

/** What the client shows of itself; prints and exits for mistakes. */
function ownCertificate(command: Command, certFile: string | undefined, keyFile: string | undefined) {
  if (certFile === undefined && keyFile === undefined) return undefined;
  if (certFile === undefined || keyFile === undefined) command.error('--cert and --key are needed both.');
  try {
    const { cert, key } = readCertificate(certFile, keyFile);
    return { cert, key };
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    return command.error(error.message);
  }
}

function readCertificates(file: string): string {
  try {
    const text = readFileSync(file, 'utf8');
    new X509Certificate(text);
    return text;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const isThere = code === undefined || code.startsWith('ERR_');
    throw new InvalidArgumentError(isThere ? 'It holds no certificate in PEM form.' : `It can't be read (${code}).`);
  }
}

/** The forms in which the server says where it listens, and a port of this machine. */
function parseServer(text: string): Partial<Address> {
  if (/^\d+$/.test(text)) return { port: parsePort(text) };
  // An address of IP version 6 has colons of its own: with a port it stands in brackets.
  if (isIPv6(text)) return { host: text };
  const [, bracketed, name, port] = /^(?:\[(.+)\]|([^:[\]]+))(?::(\d+))?$/.exec(text) ?? [];
  const host = name ?? bracketed;
  if (host === undefined || (bracketed !== undefined && !isIPv6(bracketed))) {
    throw new InvalidArgumentError('It must be HOST, HOST:PORT or PORT, as in: 127.0.0.1:65432');
  }
  return { host, ...(port !== undefined && { port: parsePort(port) }) };
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) {
    throw new InvalidArgumentError('It must be a whole number from 1 to 65535.');
  }
  return port;
}

/** Which ids are good is the server's decision; this one only has to be a line. */
function parseId(text: string): string {
  if (/[\r\n]/.test(text) || text.trim() === '')
    throw new InvalidArgumentError('It must be one line that is not blank.');
  return text;
}
