/**
 * Sockets that listen already when the program starts: systemd's socket activation.
 *
 * Owns: which descriptors were passed on, and what each one is for. While the server restarts, the one who passed them
 * keeps them open, and newcomers wait in the system's queue. Knows nothing of what is done with them.
 * Next: docs/restarting.md, `../server/options.ts`, `../../deploy/statechat.socket`.
 */
import { SetupError } from '../runtime/operatorError.ts';
import type { PassedSockets } from '../server/options.ts';

/** The first descriptor that is passed on: 0, 1 and 2 are the standard ones. */
const firstDescriptor = 3;
/** More sockets than a server could have a use for. */
const maxSockets = 64;

/**
 * Returns the descriptors that are meant for the process `pid`; undefined if there are none.
 * Throws a `SetupError` for what can't have been meant.
 */
export function passedSockets(environment: NodeJS.ProcessEnv, pid: number): PassedSockets | undefined {
  const { LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES } = environment;
  // The variables of a parent's sockets may still be there.
  if (LISTEN_FDS === undefined || LISTEN_PID !== String(pid)) return undefined;
  const count = /^\d{1,3}$/.test(LISTEN_FDS) ? Number(LISTEN_FDS) : Number.NaN;
  if (!(count <= maxSockets)) {
    throw new SetupError(`LISTEN_FDS has to be a number up to ${maxSockets}, not ${JSON.stringify(LISTEN_FDS)}.`);
  }
  if (count === 0) return undefined;
  const names = LISTEN_FDNAMES === undefined ? [] : LISTEN_FDNAMES.split(':');
  const sockets = { plain: [] as number[], tls: [] as number[], web: [] as number[] };
  for (let place = 0; place < count; place++) sockets[purposeOf(names[place])].push(firstDescriptor + place);
  return sockets;
}

/** A socket without a name has that of its unit, or `unknown`. */
function purposeOf(name: string | undefined): keyof PassedSockets {
  if (name === 'plain' || name === 'tls' || name === 'web') return name;
  if (name === undefined || name === '' || name === 'unknown' || name.endsWith('.socket')) return 'plain';
  throw new SetupError(
    `no socket may be called ${JSON.stringify(name)}: FileDescriptorName can be plain (as without a name), tls or web.`,
  );
}
