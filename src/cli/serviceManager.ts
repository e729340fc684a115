/**
 * What systemd hears of the server: that it serves, and which process it is.
 *
 * Owns: saying so by `systemd-notify`, because Node has no datagram sockets of files. After an upgrade the service has
 * another main process; without this word systemd would take the end of the old one for that of the service.
 * Next: docs/restarting.md, `../../deploy/statechat.service`.
 */
import { execFile } from 'node:child_process';
import type { Log } from '../runtime/log.ts';

/** The word is a datagram, and systemd's answer to it one more. */
const notifyMs = 5_000;

/** Resolves when systemd has heard it, or there is none to hear it. Never rejects. */
export function notifyServiceManager(log: Log): Promise<void> {
  if (process.env.NOTIFY_SOCKET === undefined) return Promise.resolve();
  return new Promise((resolve) => {
    execFile('systemd-notify', ['--ready', `--pid=${process.pid}`], { timeout: notifyMs }, (error) => {
      if (error !== null) log.error({ err: error }, 'systemd could not be told that the server is ready');
      resolve();
    });
  });
}
