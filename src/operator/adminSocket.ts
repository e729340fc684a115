/**
 * The admin socket: a file on this machine through which its owner, and nobody else, orders the server about.
 *
 * Owns: that file (0600, taken away at the end, put in the place of one that a dead server has left), and that a client
 * who says too much, too little or nothing costs nobody anything. Who is at the other end the system tells no program on
 * Node: the rights of the file are the guard, and a request says itself who asks. Knows nothing of what is asked.
 * Next: `requests.ts` (what is said), `operator.ts` (what is done).
 */
import { once } from 'node:events';
import { existsSync, lstatSync, unlinkSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import type { Log } from '../runtime/log.ts';
import { SetupError } from '../runtime/operatorError.ts';
import type { Answer } from './requests.ts';

/** A request is a command and a sentence. */
const maxRequestBytes = 8192;
/** A program sends its request at once, and reads the answer at once. */
const requestTimeoutMs = 5000;
const answerTimeoutMs = 10_000;
/** When the server stops, an answer may take so long to be read: it may be the one to `drain`. */
const lastWordsMs = 1000;
/** Beyond that the oldest makes room, so that those who hang keep no operator out. */
const maxConnections = 16;
/** What every system takes as the path of a socket. */
const maxPathBytes = 103;

export interface AdminSocketOptions {
  path: string;
  log: Log;
  /** Takes what was said, which may be anything. Must not reject. */
  answer(request: unknown): Promise<Answer>;
}

export interface AdminSocket {
  /** Cuts off who waits for no answer, takes the file away, and waits for so long until the answers are read. */
  stop(lastWordsMs?: number): Promise<void>;
}

/** Resolves when it listens. Rejects with a `SetupError` that says why it can't. */
export async function startAdminSocket({ path, log, answer }: AdminSocketOptions): Promise<AdminSocket> {
  if (Buffer.byteLength(path) > maxPathBytes) {
    throw new SetupError(`${path}: the path of a socket has ${maxPathBytes} bytes at most.`);
  }
  /** From the oldest on; true if the request has come, and the answer is on its way. */
  if (!existsSync(dirname(path))) throw new SetupError(`${path}: there is no such folder.`);
  const connections = new Map<Socket, { isTaken: boolean }>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const [oldest] = connections.keys();
    if (oldest !== undefined && connections.size >= maxConnections) oldest.destroy();
    const state = { isTaken: false };
    connections.set(socket, state);
    socket.once('close', () => connections.delete(socket));
    serve(socket, state, answer);
  });
  await removeStale(path);
  await listen(server, path);
  server.on('error', (error) => log.error({ err: error }, 'the admin socket failed'));
  log.info({ path }, 'admin socket listening');
  return {
    async stop(mostMs = lastWordsMs) {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const [socket, { isTaken }] of connections) if (!isTaken) socket.destroy();
      const cutOff = setTimeout(() => {
        for (const socket of connections.keys()) socket.destroy();
      }, mostMs);
      await closed;
      clearTimeout(cutOff);
    },
  };
}

/** A socket that nobody listens at is left over from a server that was killed. Anything else is somebody's. */
async function removeStale(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) throw new SetupError(`${path}: there is a file of that name, and it is no socket.`);
  const probe = connect(path);
  const code = await new Promise<string | undefined>((resolve) => {
    probe.once('connect', () => resolve(undefined));
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
  });
  probe.destroy();
  // Another server that starts at this moment may have been faster.
  const isTheSame = lstatSync(path, { throwIfNoEntry: false })?.ino === found.ino;
  if (code === 'ECONNREFUSED' && isTheSame) unlinkSync(path);
  else if (code === undefined || !['ECONNREFUSED', 'ENOENT'].includes(code))
    throw new SetupError(`${path}: another server listens there${code ? ` (${code})` : ''}.`);
}

async function listen(server: Server, path: string): Promise<void> {
  // The file is there from the first moment with these rights: a change behind it would come too late.
  const before = process.umask(0o177);
  try {
    // A worker would leave it to its first process otherwise.
    server.listen({ path, exclusive: true });
  } finally {
    process.umask(before);
  }
  await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
    const why = error.code === 'EADDRINUSE' ? 'another server listens there' : `can't listen there (${error.code})`;
    throw new SetupError(`${path}: ${why}.`);
  });
}

/** One request and its answer. */
function serve(socket: Socket, state: { isTaken: boolean }, answer: AdminSocketOptions['answer']): void {
  let text = '';
  socket.setEncoding('utf8');
  let timer = setTimeout(() => reply({ ok: false, error: 'No request came.' }), requestTimeoutMs);
  // Who hangs up has an answer coming that nobody reads.
  socket.on('error', () => {});
  socket.once('close', () => clearTimeout(timer));
  socket.on('data', (chunk: string) => {
    if (state.isTaken) return;
    text += chunk;
    if (text.includes('\n')) take(text.slice(0, text.indexOf('\n')));
    else if (text.length > maxRequestBytes) take(text);
  });
  socket.on('end', () => {
    if (!state.isTaken) take(text);
  });

  function take(line: string): void {
    state.isTaken = true;
    // The answer may take its time: that to an upgrade does.
    clearTimeout(timer);
    if (Buffer.byteLength(line) > maxRequestBytes) {
      reply({ ok: false, error: `A request has ${maxRequestBytes} bytes at most.` });
      return;
    }
    let request: unknown;
    try {
      request = JSON.parse(line);
    } catch {
      reply({ ok: false, error: 'A request is one line of JSON: {"do":"who"}' });
      return;
    }
    void answer(request).then(reply);
  }

  function reply(said: Answer): void {
    state.isTaken = true;
    clearTimeout(timer);
    if (socket.destroyed) return;
    timer = setTimeout(() => socket.destroy(), answerTimeoutMs);
    socket.end(`${JSON.stringify(said)}\n`, () => {
      // Its last words may be longer than what it read; who goes on sending is cut off.
      socket.resume();
    });
  }
}
