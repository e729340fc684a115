/**
 * The client's command line.
 *
 * Owns: arguments, options, their defaults and the sentences about wrong ones.
 * Knows nothing of what the client does with them.
 */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { InvalidArgumentError } from 'commander';
import type { Address } from '../client/connection.ts';
import { version } from '../runtime/version.ts';
import { createCommand, examples } from './command.ts';

export interface ClientOptions extends Address {
  id?: string;
  /** The time stands before each line. */
  times?: boolean;
  /** The bell rings when somebody asks, or says one's id. */
  bell?: boolean;
}

/** Reads the arguments after the script's name; prints and exits for `--help`, `--version` and mistakes. */
export function parseClientOptions(args: readonly string[]): ClientOptions {
  const command = createCommand('statechat connect', 'statechat client')
    .description('Chat on a statechat server from the terminal, or from a script by piping lines in.')
    .argument('[host]', 'name or address of the server', parseHost, '127.0.0.1')
    .argument('[port]', 'TCP port of the server', parsePort, 65432)
    .option('--id <name>', 'your user id: given when the server asks for one', parseId)
    .option('--times', 'show the time before each line')
    .option('--no-bell', "don't ring when somebody asks for you or mentions your id")
    .option('--tls', 'talk to a server that speaks TLS')
    .option('--ca <file>', 'TLS, and this certificate in PEM form decides who may be the server', readCertificates)
    .option('--insecure', 'TLS, but whoever answers is taken for the server')
    .version(version, '--version', 'print the version')
    .helpOption('--help', 'print this help')
    .addHelpText('after', examples('statechat connect', 'statechat connect chat.example.org 65432 --tls --id lior'))
    .parse(args, { from: 'user' });
  const [host, port] = command.processedArgs as [string, number];
  const { tls, ca, insecure, ...person } = command.opts<
    Pick<ClientOptions, 'id' | 'times' | 'bell'> & { tls?: true; ca?: string; insecure?: true }
  >();
  const isSecure = tls || ca !== undefined || insecure;
  return { host, port, ...person, ...(isSecure && { tls: { ...(ca && { ca }), ...(insecure && { insecure }) } }) };
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

function parseHost(text: string): string {
  if (/^\d*$/.test(text)) throw new InvalidArgumentError('The host comes first, as in: 127.0.0.1 65432');
  return text;
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
