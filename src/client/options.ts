/**
 * The client's command line.
 *
 * Owns: arguments, options, their defaults and the sentences about wrong ones.
 * Knows nothing of what the client does with them.
 */
import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';

export interface ClientOptions {
  host: string;
  port: number;
  id?: string;
}

/** Reads the arguments after the script's name; prints and exits for `--help`, `--version` and mistakes. */
export function parseClientOptions(args: readonly string[]): ClientOptions {
  const command = new Command('statechat-client')
    .description('Chat on a statechat server from the terminal, or from a script by piping lines in.')
    .argument('[host]', 'name or address of the server', parseHost, '127.0.0.1')
    .argument('[port]', 'TCP port of the server', parsePort, 65432)
    .option('--id <name>', 'your user id: sent as the first line, and again after a reconnect', parseId)
    .version(packageVersion(), '--version', 'print the version')
    .helpOption('--help', 'print this help')
    .allowExcessArguments(false)
    .configureOutput({ outputError: (text, write) => write(oneLine(text)) })
    .parse(args, { from: 'user' });
  const [host, port] = command.processedArgs as [string, number];
  return { host, port, ...command.opts<{ id?: string }>() };
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

function oneLine(error: string): string {
  const text = error
    .trim()
    .replace(/^error: /, '')
    .replace(/^command-argument value ('.*') is invalid for argument '(.*)'\./, 'the $2 $1 is not valid.')
    .replaceAll('\n', ' ');
  return `statechat client: ${text}\n`;
}

function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
