/** The server as a program: options, one line that says where it listens, signals and exit codes. */
import { limits } from '../limits.ts';
import { createLog } from '../log.ts';
import { parseOptions } from '../options.ts';
import { type Server, startServer } from '../server.ts';
import { SetupError } from '../setupError.ts';

const { logLevel, ...options } = parseOptions(process.argv.slice(2));
const log = createLog(logLevel);

let server: Server;
try {
  server = await startServer({ ...options, log });
} catch (error) {
  console.error(`statechat: ${explain(error as NodeJS.ErrnoException)}`);
  process.exit(1);
}

let stopping = false;
process.on('uncaughtException', onBug);
process.on('SIGINT', onSignal);
process.on('SIGTERM', onSignal);
// Without anything to read anew, it ends the server as it ends any program whose terminal is closed.
if (options.tlsCert !== undefined || options.passwordFile !== undefined) process.on('SIGHUP', () => server.reload());
console.log(`statechat is listening on ${bracketed(server.host)}:${server.port}${tlsNote()}`);

function tlsNote(): string {
  if (server.tlsPort === undefined) return '';
  return server.tlsPort === server.port ? ' with TLS' : `, with TLS on ${bracketed(server.host)}:${server.tlsPort}`;
}

/** The first signal stops in order; a second one at once. */
function onSignal(signal: NodeJS.Signals): void {
  if (stopping) process.exit(1);
  stopping = true;
  log.info({ signal }, 'stopping');
  if (process.stdout.isTTY) {
    const seconds = limits.drainMs / 1000;
    console.log(
      `statechat is stopping: waits up to ${seconds} s for everybody to hang up. Ctrl-C again stops it at once.`,
    );
  }
  void server.stop().then(() => process.exit(0));
}

/** An error that nobody has caught is our bug, and who knows what it has left behind: everybody is told, and the server ends. */
function onBug(error: unknown): void {
  log.fatal({ err: error }, 'an error that nobody has caught');
  if (stopping) process.exit(1);
  stopping = true;
  void server.stop().then(() => process.exit(1));
}

function explain(error: NodeJS.ErrnoException & { port?: number }): string {
  if (error instanceof SetupError) return error.message;
  const address = `${bracketed(options.host ?? '')}:${error.port ?? options.port}`;
  switch (error.code) {
    case 'EADDRINUSE':
      return `${address} is in use already. Stop the program that listens there, or choose another --port.`;
    case 'EACCES':
      return `not allowed to listen on ${address}. Ports below 1024 need special rights: choose another --port.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${options.host} is not an address of this machine. Choose another --host.`;
    default:
      return `can't listen on ${address}: ${error.message}`;
  }
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
