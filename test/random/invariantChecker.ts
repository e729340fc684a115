/**
 * What must hold between all users, whatever happened: the list of docs/protocol.md, "Who is in which state", and that
 * a line reaches exactly those it is meant for.
 *
 * Owns: the first violation of a world, and the number of users' actions that reached the server.
 * Next: `transcriptJudge.ts` (one user's reading), `test/system/agreement.ts` (the invariants of users and directory).
 */
import type { SessionContext } from '../../machines/session.machine.ts';
import type { MemoryDirectory } from '../../src/chat/directory/memoryDirectory.ts';
import type { Lobby } from '../../src/chat/lobby.ts';
import type { Session } from '../../src/chat/session.ts';
import { rowNamed } from '../support/rowNamed.ts';
import { disagreements, silenceIsFine } from '../system/agreement.ts';
import type { LateDirectory } from './lateDirectory.ts';
import type { Link, Observer } from './link.ts';

/** How long a request may stay unanswered, in ms. */
export const requestTimeoutMs = 60_000;

export class InvariantChecker implements Observer {
  /** Actions of users that reached the server. */
  steps = 0;
  violation: string | undefined;
  directoryChanged = false;
  #lobby: Lobby;
  #directory: MemoryDirectory;
  /** The ways to and from the directory, if its updates come late. */
  readonly #late: LateDirectory | undefined;
  readonly #links: ReadonlySet<Link>;
  readonly #now: () => number;
  /** Number of a pairing → when it was first seen. */
  #pairings = new Map<number, number>();

  constructor(
    lobby: Lobby,
    directory: MemoryDirectory,
    late: LateDirectory | undefined,
    now: () => number,
    links: ReadonlySet<Link>,
  ) {
    this.#lobby = lobby;
    this.#directory = directory;
    this.#now = now;
    this.#late = late;
    this.#links = links;
  }

  /** Another process goes on with everything. */
  handedOver(lobby: Lobby, directory: MemoryDirectory): void {
    this.#lobby = lobby;
    this.#directory = directory;
  }

  acted(): void {
    this.steps++;
  }

  violated(link: Link, what: string): void {
    this.violation ??= `${link.user} ${what}`;
  }

  closed(link: Link): void {
    const row = this.#late ? undefined : this.#directory.rowOf(link.session?.id ?? '');
    if (row) this.violated(link, `is gone, but ${row.id} is not free at once`);
  }

  /** Finds out which users have to read a line, by where each user is at the moment when the server takes it. */
  takes(link: Link, text: string): string {
    const { session } = link;
    if (session === undefined || isForServer(text)) return text;
    if (this.#late) this.#expectByCharts(session, text);
    else return this.#expectByDirectory(session, text);
    return text;
  }

  /** What must hold at every moment. */
  lookAtDirectory(): void {
    if (!this.directoryChanged) return;
    this.directoryChanged = false;
    const { rows } = this.#directory.snapshot();
    this.violation ??= disagreements(rows);
    for (const { pairingId } of rows) {
      if (pairingId !== 0 && !this.#pairings.has(pairingId)) this.#pairings.set(pairingId, this.#now());
    }
  }

  /** What must hold when nothing is under way. */
  lookAround(): void {
    const { rows } = this.#directory.snapshot();
    this.violation ??= disagreements(rows);
    const users = [];
    for (const link of this.#links) {
      if (link.socket.misuse) this.violated(link, link.socket.misuse);
      if (link.isCut || !link.session?.actor || !link.hasReadAll) continue;
      const { incomplete } = link.judge;
      if (incomplete) this.violated(link, incomplete);
      users.push({
        name: link.session.id,
        session: link.session.actor.getSnapshot(),
        dialogue: link.judge.place.snapshot,
      });
    }
    this.violation ??= silenceIsFine(users, rows)?.replace(/\bs\d+\b/g, (session) => {
      const owner = [...this.#links].find((link) => link.session?.id === session);
      return owner?.user ?? session;
    });
    for (const { id, session } of rows) {
      if (!this.#lobby.sessions.has(session)) this.violation ??= `${id} has a row, but its session has ended`;
    }
    for (const { id, state, pairingId } of rows) {
      const since = this.#pairings.get(pairingId) ?? this.#now();
      if (state === 'requesting' && this.#now() - since >= requestTimeoutMs) {
        this.violation ??= `${id} has been asking since ${since} ms, and it is ${this.#now()} ms`;
      }
    }
  }

  /** What must hold when all users are gone. */
  lookAtEmptyPlace(timers: number): void {
    const { size } = this.#lobby.sessions;
    if (size > 0) this.violation ??= `all users are gone, but ${size} sessions are left`;
    if (this.#directory.onlineCount > 0) this.violation ??= 'all users are gone, but ids are left';
    if (this.#directory.roomCount > 0) this.violation ??= 'all users are gone, but a user is counted in the room';
    if (timers > 0) this.violation ??= `all users are gone, but ${timers} timers run`;
    for (const { user, socket, stalled } of this.#links) {
      if (!socket.closed && !stalled) this.violation ??= `all users are gone, but ${user}'s connection is open`;
    }
  }

  #expectByDirectory(session: Session, text: string): string {
    const row = this.#directory.rowOf(session.id);
    if (row?.state === 'chatting') {
      this.#expect(rowNamed(this.#directory, row.partner ?? '')?.session, `${row.id}: ${text}`);
    } else if (row?.state === 'commonRoom') {
      for (const other of this.#directory.rows()) {
        if (other.state === 'commonRoom' && other.session !== row.session) {
          this.#expect(other.session, `${row.id}: ${text}`);
        }
      }
    } else if (row?.state === 'requesting') {
      // The judge compares ids as they are written; the asker may write one in another letter case.
      return rowNamed(this.#directory, text.trim())?.id ?? text;
    }
    return text;
  }

  /**
   * With late updates the charts decide: a partner may not know yet that the chat has begun, or has left it already.
   */
  #expectByCharts(session: Session, text: string): void {
    const { place, facts } = stateOf(session);
    const room = place === 'commonRoom';
    if (!room && place?.chatting !== 'talking') return;
    for (const other of this.#lobby.sessions.values()) {
      if (other === session) continue;
      const { place: there, facts: theirs } = stateOf(other);
      const isMeant = room
        ? there === 'commonRoom'
        : there?.chatting
          ? theirs.pairingId === facts.pairingId
          : this.#late?.willStart(other.id, facts.pairingId);
      if (isMeant) this.#expect(other.id, `${facts.userId}: ${text}`);
    }
  }

  #expect(session: string | undefined, line: string): void {
    for (const link of this.#links) if (link.session?.id === session) link.judge.expect(line);
  }
}

// biome-ignore lint/suspicious/noExplicitAny: a chart's state value has no type that could be asked for a child.
function stateOf(session: Session): { place: any; facts: SessionContext } {
  const snapshot = session.actor?.getSnapshot();
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  return { place: (snapshot?.value as any)?.online, facts: snapshot?.context ?? noFacts };
}

const noFacts: SessionContext = { userId: '', claimedId: '', partner: '', pairingId: 0, refusedIds: 0, idTries: 0 };

/** By docs/protocol.md: what leaves, what is blank, and commands of other chats are nobody's message. */
function isForServer(text: string): boolean {
  return /^\s*(exit\s*\(\s*\)|\/(help|quit|exit)\b.*)?\s*$/i.test(text);
}
