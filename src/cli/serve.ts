/**
 * `statechat serve`: runs the server.
 *
 * Owns: the line that says where the server listens, what it does at each order, and exit codes.
 * Next: `serveOptions.ts`, `orders.ts`, `../server/server.ts`.
 */
import { networkInterfaces } from 'node:os';
import { isatty } from 'node:tty';
import { limits } from '../config/limits.ts';
import { createLog, type Log } from '../runtime/log.ts';
import { SetupError } from '../runtime/operatorError.ts';
import { standardError, standardOutput } from '../runtime/outputWriter.ts';
import type { ServerOptions } from '../server/options.ts';
import { type Server, startServer } from '../server/server.ts';
import { hearHarmlessSignals, type Order } from './orders.ts';
import { passedSockets } from './passedSockets.ts';
import { parseOptions } from './serveOptions.ts';
import { notifyServiceManager } from './serviceManager.ts';
import { predecessor, startSuccessor } from './upgrade.ts';
import { announce, onOrders, runWorkers, workerPlace } from './workers.ts';

export async function run(args: string[]): Promise<void> {
  const warnings: string[] = [];
  const { logLevel, logFormat, workers, ...options } = parseOptions(args, (warning) => void warnings.push(warning));
  const log = createLog(logLevel, logFormat);
  for (const problem of warnings) log.warn({ problem }, 'an option may not be as it was meant');
  logWarnings(log);
  hearHarmlessSignals((signal) => log.info({ signal }, 'nothing to do at this signal'));
  const place = workerPlace();
  if (workers > 1 && place === undefined) {
    if (options.redis === undefined) fail('--workers needs --redis: they share their users through it.');
    return exit(await runWorkers(workers, log));
  }
  const own = { ...portsOf(options, place), ...socketsOf(options, place) };
  const server = await start({ ...options, ...own }, log).catch(async (error: NodeJS.ErrnoException) => {
    await standardError.flush();
    fail(explain(error, options));
  });
  const canReload = (options.tlsCert ?? options.passwordFile ?? options.names) !== undefined;
  obeySignals(server, log, canReload);
  announce([
    `statechat is listening on ${bracketed(server.host)}:${server.port}${tlsNote(server)}`,
    ...webNote(server),
    ...(server.viewer ? [`The viewer is at http://127.0.0.1:${server.viewer.port}/`] : []),
    ...(options.adminSocket ? [`The operator's socket is ${options.adminSocket}`] : []),
    ...(server.metrics ? [`The metrics are at http://127.0.0.1:${server.metrics.port}/metrics`] : []),
  ]);
}

/** Of several workers, each one listens on the sockets that the first process got. */
async function start(options: ServerOptions, log: Log): Promise<Server> {
  const sockets = passedSockets(process.env, workerPlace() === undefined ? process.pid : process.ppid);
  const whenServing = (): Promise<void> =>
    workerPlace() === undefined ? notifyServiceManager(log) : Promise.resolve();
  const upgrade = { start: startSuccessor, predecessor: predecessor(), whenServing };
  return startServer({ ...options, sockets, log, upgrade });
}

function fail(reason: string): never {
  console.error(`statechat: ${reason}`);
  process.exit(1);
}

/** Each worker's viewer and metrics have a port of their own. */
function portsOf({ viewerPort, metricsPort }: ServerOptions, place = 0) {
  const shifted = (port: number | undefined): number | undefined => (port ? port + place : port);
  return { viewerPort: shifted(viewerPort), metricsPort: shifted(metricsPort) };
}

/** The first worker has the operator's socket under its name, each other one with its number behind it. */
function socketsOf({ adminSocket }: ServerOptions, place = 0) {
  return { adminSocket: adminSocket && place > 0 ? `${adminSocket}.${place}` : adminSocket };
}

function tlsNote({ host, port, tlsPort }: Server): string {
  if (tlsPort === undefined) return '';
  return tlsPort === port ? ' with TLS' : `, with TLS on ${bracketed(host)}:${tlsPort}`;
}

/** Where a browser finds the page; from other machines, by the addresses of this one. */
function webNote({ host, webPort, tlsPort }: Server): string[] {
  if (webPort === undefined) return [];
  const isEverywhere = host === '0.0.0.0' || host === '::';
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const outer = own.filter(({ internal, family }) => !internal && family === 'IPv4').map(({ address }) => address);
  const hosts = isEverywhere ? ['127.0.0.1', ...outer] : [host];
  const urls = hosts.map((each) => `${tlsPort === undefined ? 'http' : 'https'}://${bracketed(each)}:${webPort}/`);
  return [`The chat in a browser is at ${urls.join(' and ')}`];
}

/** Node's own way prints them as text between the lines of the log, and waits until somebody takes it. */
function logWarnings(log: Log): void {
  process.removeAllListeners('warning');
  process.on('warning', (warning) => log.warn({ err: warning }, 'a warning from Node'));
}

/** Not before the last lines are written, if somebody takes them within half a second. */
async function exit(code: number): Promise<never> {
  await Promise.all([standardError.flush(), standardOutput.flush()]);
  process.exit(code);
}

function obeySignals(server: Server, log: Log, canReload: boolean): void {
  let stopping = false;
  process.on('uncaughtException', onBug);
  onOrders((signal) => {
    if (signal !== 'SIGHUP') onSignal(signal);
    else if (canReload) server.reload();
    else log.info({ signal }, 'nothing to reload: options are read at the start');
  });

  /** The first signal stops in order; a second one at once. */
  function onSignal(signal: Order): void {
    if (stopping) return void exit(1);
    stopping = true;
    log.info({ signal }, 'stopping');
    if (isatty(1)) {
      const seconds = limits.drainMs / 1000;
      standardOutput.write(
        `statechat is stopping: waits up to ${seconds} s for everybody to hang up. Ctrl-C again stops it at once.\n`,
      );
    }
    void server.stop().then(() => exit(0));
  }

  /** An operator has drained it, or another process has taken over, which may have failed at the last step. */
  server.stopped.then(
    () => stopping || exit(0),
    (error: unknown) => {
      log.fatal({ err: error }, 'the users are lost: the new process ended when it had taken over');
      void exit(1);
    },
  );

  /** An error that nobody has caught is our bug, and who knows what it has left behind: everybody is told, and the server ends. */
  function onBug(error: unknown): void {
    log.fatal({ err: error }, 'an error that nobody has caught');
    if (stopping) return void exit(1);
    stopping = true;
    void server.stop().then(() => exit(1));
  }
}

function explain(error: NodeJS.ErrnoException & { port?: number }, options: ServerOptions): string {
  if (error instanceof SetupError) return error.message;
  const { port = options.port } = error;
  const host = bracketed(options.host ?? '');
  /** What can have wanted that port; the last one counts. */
  const wanted: Record<string, readonly [option: string, host: string]> = {
    [`${options.metricsPort}`]: ['--metrics PORT', '127.0.0.1'],
    [`${options.viewerPort}`]: ['--viewer PORT', '127.0.0.1'],
    [`${options.webPort}`]: ['--web PORT', host],
    [`${options.tlsPort}`]: ['--tls-port', host],
    [`${options.port}`]: ['--port', host],
  };
  const [option, where] = wanted[`${port}`] ?? ['--port', host];
  const address = `${where}:${port}`;
  switch (error.code) {
    case 'EADDRINUSE':
      return `${address} is in use already. Stop the program that listens there, or choose another ${option}.`;
    case 'EACCES':
      return `not allowed to listen on ${address}. Ports below 1024 need special rights: choose another ${option}.`;
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
