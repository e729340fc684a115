/**
 * Proofs under way: a session has typed the password of an id, and the check takes a while.
 *
 * Owns: one check for each session, until its verdict comes or the session ends. Knows nothing of hashes or files.
 * Next: `lobby.ts`, `../passwordGate/nameProofs.ts` (the check).
 */
import { assertEvent } from 'xstate';
import type { SessionId, SessionUpdate, UserId } from '../../machines/events.ts';
import type { LobbyEvent } from '../../machines/lobby.machine.ts';
import type { Log } from '../runtime/log.ts';
import type { Secret } from '../runtime/secret.ts';

/** The ids that have a password. */
export interface Names {
  needsProof(id: UserId): boolean;
  /** True if who has shown this certificate needs no password for the id. */
  isCertified(id: UserId, certificate: string): boolean;
  /** Returns what cancels the check. Of the verdicts one is called, once and later. */
  check(
    proof: { id: UserId; password: string; address: string },
    verdict: { right(): void; wrong(): void; refused(): void; failed(error: unknown): void },
  ): () => void;
}

/** The lobby, as far as it is told of verdicts. */
interface ProofHost {
  readonly log: Log;
  send(event: LobbyEvent): void;
  /** Sends an update to a session, as the directory does. */
  notify(session: SessionId, update: SessionUpdate): void;
  failed(session: SessionId, error: unknown): void;
}

export class Proofs {
  readonly #names: Names;
  readonly #host: ProofHost;
  readonly #cancel = new Map<SessionId, () => void>();

  constructor(names: Names, host: ProofHost) {
    this.#names = names;
    this.#host = host;
  }

  needsProof(id: UserId): boolean {
    return this.#names.needsProof(id);
  }

  /** The id counts as taken. */
  refuseId(event: LobbyEvent): void {
    assertEvent(event, ['id.claim', 'proof.right']);
    this.#host.notify(event.session, { type: 'id.refused' });
  }

  /** With the right certificate the verdict is there at once, and nothing is asked. */
  require(event: LobbyEvent, { certificate }: { certificate?: string | undefined }): void {
    assertEvent(event, 'id.claim');
    const { session, id } = event;
    const isCertified = certificate !== undefined && this.#names.isCertified(id, certificate);
    if (isCertified) this.#host.send({ type: 'proof.right', session, id });
    else this.#host.notify(session, { type: 'proof.required', id });
  }

  refuse(event: LobbyEvent, address: string): void {
    assertEvent(event, 'proof.wrong');
    const { session, id } = event;
    this.#host.log.info({ session, id, address }, 'wrong password for an id');
    this.#host.notify(session, { type: 'id.refused', reason: 'unproved' });
  }

  check(event: LobbyEvent, address: string): void {
    assertEvent(event, 'id.prove');
    const { session, id } = event;
    const told = (verdict: LobbyEvent) => (): void => {
      this.#cancel.delete(session);
      this.#host.send(verdict);
    };
    const cancel = this.#names.check(
      { id, address, password: (event.password as Secret).reveal() },
      {
        right: told({ type: 'proof.right', session, id }),
        wrong: told({ type: 'proof.wrong', session, id }),
        refused: told({ type: 'proof.refused', session }),
        failed: (error) => {
          this.#cancel.delete(session);
          this.#host.failed(session, error);
        },
      },
    );
    this.#cancel.set(session, cancel);
  }

  /** The session has ended: nobody waits for its verdict. */
  forget(session: SessionId): void {
    this.#cancel.get(session)?.();
    this.#cancel.delete(session);
  }
}

/** Without a file of names, no id has a password. */
export const noNames: Names = {
  needsProof: () => false,
  isCertified: () => false,
  check: () => {
    throw new Error('A proof without names: nothing asks for one.');
  },
};
