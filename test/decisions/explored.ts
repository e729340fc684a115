/**
 * What explored systems ask their directory: nothing but what `directoryGraph.ts` knows, so that all that is compared there
 * holds for them.
 *
 * Owns: the record of it. Next: `../system/system.proof.test.ts`.
 */
import { type DirectorySnapshot, MemoryDirectory } from '../../src/chat/directory/memoryDirectory.ts';
import type { RestoreDirectory } from '../system/moves.ts';
import {
  type Asked,
  type Circle,
  circles,
  decisionKey,
  everyDecision,
  type Question,
  restored,
} from './directoryGraph.ts';

/** A decision that a directory was asked for. */
export interface Decision {
  readonly state: { readonly snapshot: DirectorySnapshot };
  readonly question: Question;
  readonly circle: Circle;
}

export class Explored {
  readonly #asked = new Map<string, Decision>();

  /** The directory for a system; one that keeps earlier requests in mind if `remembers`. */
  directory(remembers: boolean): RestoreDirectory {
    const circle: Circle = remembers ? circles.couple : circles.open;
    const asked = this.#asked;
    class Recorder extends MemoryDirectory {
      override send(...[session, command]: Parameters<MemoryDirectory['send']>): void {
        this.#note(session, command);
        super.send(session, command);
      }
      override expire(session: string): void {
        this.#note(session, { type: 'request.expire' });
        super.expire(session);
      }
      override remove(session: string): void {
        this.#note(session, { type: 'gone' });
        super.remove(session);
      }
      #note(session: string, what: Asked): void {
        const [snapshot, question] = [this.snapshot(), { session, asked: what }];
        asked.set(decisionKey(snapshot, question, remembers), { state: { snapshot }, question, circle });
      }
    }
    return (snapshot, notify) => restored(snapshot, notify, circle, Recorder);
  }

  /** Each decision that was asked for, once. */
  get decisions(): Decision[] {
    return [...this.#asked.values()];
  }

  /** How many decisions were asked for, and those that are not among all. */
  compared(): { asked: number; unknown: string[] } {
    const known = new Set(
      [circles.open, circles.couple].flatMap((circle) =>
        everyDecision(circle).flatMap(({ snapshot, decisions }) =>
          decisions.map(({ question }) => decisionKey(snapshot, question, circle.remembers)),
        ),
      ),
    );
    return { asked: this.#asked.size, unknown: [...this.#asked.keys()].filter((key) => !known.has(key)) };
  }
}
