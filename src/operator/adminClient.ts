/**
 * The operator's side of the admin socket: one request, one answer.
 *
 * Owns: how long that may take, and the sentence for a server that isn't there. Next: `requests.ts`, `adminSocket.ts`.
 */
import { connect } from 'node:net';
import type { Answer, Request } from './requests.ts';

/** The server answers within one turn, but for what it writes on its disk. */
const answerTimeoutMs = 10_000;
/** A new process has to start, and may take its time. */
const upgradeTimeoutMs = 120_000;

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such socket. Is the server running, with --admin-socket?',
  ECONNREFUSED: 'no server listens there any more.',
  EACCES: 'only the user who runs the server may use it (sudo -u?).',
  ENOTSOCK: 'this is no socket.',
};

/** Resolves with the server's answer, or with one that says why there is none. */
export function ask(path: string, request: Request): Promise<Answer> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(path);
    const fail = (why: string): void => {
      socket.destroy();
      resolve({ ok: false, error: `${path}: ${why}` });
    };
    socket.setEncoding('utf8');
    const timeoutMs = request.do === 'upgrade' ? upgradeTimeoutMs : answerTimeoutMs;
    socket.setTimeout(timeoutMs, () => fail('the server does not answer.'));
    socket.on('error', ({ code = '', message }: NodeJS.ErrnoException) => fail(reasons[code] ?? message));
    socket.on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('end', () => {
      socket.destroy();
      try {
        resolve(JSON.parse(text) as Answer);
      } catch {
        fail('the server ended before it had answered.');
      }
    });
    socket.write(`${JSON.stringify(request)}\n`);
  });
}
