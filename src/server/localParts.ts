/**
 * What programs and operators on this machine look at the server through: the viewer, the metrics, the admin socket.
 *
 * Owns: that they are open, in order, and are opened again where they were. Users have nothing to do with them.
 * Next: `optionalParts.ts`, `server.ts`.
 */
import type { Counters } from '../chat/counters.ts';
import type { Lobby } from '../chat/lobby.ts';
import type { Metrics, MetricsOptions } from '../metrics/metrics.ts';
import type { AdminSocket } from '../operator/adminSocket.ts';
import type { Operator } from '../operator/operator.ts';
import type { Viewer } from '../viewer/viewer.ts';
import { startAdminSocketIfWanted, startMetricsIfWanted, startViewerIfWanted } from './optionalParts.ts';
import type { ServerOptions } from './options.ts';

/** What they look at. */
export interface WatchedParts extends Omit<MetricsOptions, 'port' | 'counters' | 'lobby'> {
  lobby: Lobby;
  operator: Operator;
  counters: Counters | undefined;
  /** The command by which somebody on this machine joins. */
  join(): string;
}

export class LocalParts {
  viewer: Viewer | undefined;
  metrics: Metrics | undefined;
  readonly #options: Pick<ServerOptions, 'adminSocket' | 'viewerPort' | 'metricsPort'>;
  readonly #watched: WatchedParts;
  #adminSocket: AdminSocket | undefined;
  #isOpen = false;
  #adminSocketClosed: Promise<void> | undefined;

  constructor(options: Pick<ServerOptions, 'adminSocket' | 'viewerPort' | 'metricsPort'>, watched: WatchedParts) {
    this.#options = options;
    this.#watched = watched;
  }

  /** Opens what was closed, where it was. The server goes on without what can't be. */
  async reopen(): Promise<void> {
    await this.open().catch((err) => this.#watched.log.error({ err }, 'a local port could not be opened again'));
  }

  /** Resolves when all are open. If one can't be, rejects with the system's error. */
  async open(): Promise<void> {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#adminSocketClosed = undefined;
    const { adminSocket, viewerPort, metricsPort } = this.#options;
    const { lobby, operator, log, join } = this.#watched;
    this.#adminSocket = await startAdminSocketIfWanted(adminSocket, operator, log);
    this.viewer = await startViewerIfWanted(this.viewer?.port ?? viewerPort, lobby, log, join());
    this.metrics = await startMetricsIfWanted(this.metrics?.port ?? metricsPort, this.#watched);
  }

  /** Resolves when the last answers are read, and at the latest after so long. */
  closeAdminSocket(lastWordsMs?: number): Promise<void> {
    this.#adminSocketClosed ??= this.#adminSocket?.stop(lastWordsMs) ?? Promise.resolve();
    return this.#adminSocketClosed;
  }

  /** Resolves when others can have all that was open. */
  async close(lastWordsMs?: number): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    void this.closeAdminSocket(lastWordsMs);
    await Promise.all([this.viewer?.stop(), this.metrics?.stop()]);
  }
}
