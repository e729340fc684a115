/**
 * Whether the other side's system confirms what is sent.
 *
 * Owns: the reading of Linux's table of connections. While something sent isn't confirmed the system asks for no sign of
 * life: it only sends again, for about 15 minutes. Elsewhere nothing is found out. Knows nothing of sockets and dialogues.
 */
import { readFile } from 'node:fs/promises';

export interface Ports {
  localPort?: number | undefined;
  remotePort?: number | undefined;
}

/** How often the same bytes have to be sent before we say so: on a fast network that takes about 13 s. */
const minRetransmissions = 6;

/** True if everything sent was confirmed, false if it was sent again in vain, undefined if it's too early to say. */
export async function isConfirmed(ports: Ports): Promise<boolean | undefined> {
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((file) => readFile(file, 'ascii').catch(() => '')),
  );
  return confirmedIn(tables.join('\n'), ports);
}

/** The same from the table's text. A connection that isn't in it counts as confirmed: then there is nothing to wait for. */
export function confirmedIn(table: string, { localPort = 0, remotePort = 0 }: Ports): boolean | undefined {
  const [local, remote] = [hexOf(localPort), hexOf(remotePort)];
  for (const row of table.split('\n')) {
    const [, localAddress, remoteAddress, , queues = '', , retransmissions = ''] = row.trim().split(/\s+/);
    if (!localAddress?.endsWith(local) || !remoteAddress?.endsWith(remote)) continue;
    if (Number.parseInt(queues, 16) === 0) return true;
    return Number.parseInt(retransmissions, 16) >= minRetransmissions ? false : undefined;
  }
  return true;
}

function hexOf(port: number): string {
  return `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
}
