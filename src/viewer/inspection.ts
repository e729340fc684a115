/**
 * What a viewer gets: the inspection events of the lobby and its sessions in Stately's format, and two kinds of ours.
 *
 * Owns: the form of the messages. Observes the actors only while it is attached.
 * Next: `openEvents.ts` (which fields leave the process), `stream.ts` (sends it), `page/model.js` (reads it).
 * Why not Stately's package: decision 18, docs/decisions/0018-the-viewer-speaks-statelys-format.md.
 */
import type { Actor, AnyActor, AnyEventObject, AnyMachineSnapshot, AnyStateMachine, InspectionEvent } from 'xstate';
import type { SessionId } from '../../machines/events.ts';
import { transitionIdsOf } from '../chart/graph.ts';
import type { Lobby } from '../chat/lobby.ts';
import { sessionsActorId } from '../chat/lobbyParent.ts';
import { definitionOf, openEvent, openSnapshot } from './openEvents.ts';

/** The version of Stately's inspection format that these messages have. */
const formatVersion = '0.7.2';

interface Message {
  /** `@xstate.actor`, `@xstate.event` and `@xstate.snapshot` are Stately's; all others are ours. */
  type: string;
  [field: string]: unknown;
}

export type Publish = (message: Message) => void;

export class Inspection {
  readonly #lobby: Lobby;
  readonly #publish: Publish;
  readonly #onError: (error: unknown) => void;
  /** The ids of transitions, for each machine of which an actor was seen. */
  readonly #transitionIds = new Map<AnyStateMachine, ReturnType<typeof transitionIdsOf>>();
  /** Sessions whose row in the directory may have changed since the last `publishRows`. */
  readonly #touched = new Set<SessionId>();
  /** True if the message about each new actor holds its chart, which is several kB. */
  withDefinitions = false;
  #subscription: { unsubscribe(): void } | undefined;

  /** Calls `onError` with errors of this class, which would otherwise be errors of the observed session. */
  constructor(lobby: Lobby, publish: Publish, onError: (error: unknown) => void) {
    this.#lobby = lobby;
    this.#publish = publish;
    this.#onError = onError;
  }

  get isAttached(): boolean {
    return this.#subscription !== undefined;
  }

  attach(): void {
    this.#subscription ??= this.#lobby.actor.system.inspect({
      next: (event) => {
        try {
          this.#inspected(event);
        } catch (error) {
          this.#onError(error);
        }
      },
    });
  }

  detach(): void {
    this.#subscription?.unsubscribe();
    this.#subscription = undefined;
    this.#touched.clear();
  }

  /** Returns everything as it is now: the lobby, each session, each row of the directory. */
  *baseline(): Iterable<Message> {
    yield { type: 'statechat.baseline', ...common() };
    yield actorMessage(this.#lobby.actor, definitionOf(this.#lobby.actor));
    let definition: string | undefined;
    for (const { actor } of this.#lobby.sessions.values()) {
      if (actor === undefined) continue;
      const isFirst = definition === undefined;
      definition ??= definitionOf(actor);
      yield actorMessage(actor, isFirst || this.withDefinitions ? definition : undefined);
    }
    yield this.#rowsMessage([...this.#lobby.directory.rows()]);
  }

  /** Publishes the rows of sessions to which something has happened. */
  publishRows(): void {
    if (this.#touched.size === 0) return;
    const { directory } = this.#lobby;
    const rows = [...this.#touched].map((session) => directory.rowOf(session) ?? { session });
    this.#touched.clear();
    this.#publish(this.#rowsMessage(rows));
  }

  #rowsMessage(rows: readonly object[]): Message {
    return { type: 'statechat.rows', ...common(), rows };
  }

  #inspected(inspected: InspectionEvent): void {
    const actor = inspected.actorRef as AnyActor;
    // It only brings the lobby the ends of sessions.
    if (actor.id === sessionsActorId) return;
    const isLobby = actor === this.#lobby.actor;
    switch (inspected.type) {
      case '@xstate.event': {
        // XState reports a new actor before it has a state. This is its first event.
        if (inspected.event.type === 'xstate.init') {
          this.#publish(actorMessage(actor, this.withDefinitions ? definitionOf(actor) : undefined));
        }
        const { actorId } = inspected.event;
        const sourceId = isLobby && actorId ? actorId : (inspected.sourceRef as AnyActor | undefined)?.id;
        this.#touch(inspected.event, isLobby ? undefined : actor.id);
        this.#publish({
          ...about('@xstate.event', actor),
          ...(sourceId !== undefined && { sourceId }),
          event: openEvent(inspected.event),
        });
        break;
      }
      case '@xstate.microstep': {
        const ids = this.#idsOf(actor);
        const edges = (inspected._transitions ?? []).map((each) => ids.get(each) ?? '');
        this.#publish({ ...about('statechat.microstep', actor), event: { type: inspected.event.type }, edges });
        break;
      }
      case '@xstate.snapshot':
        this.#publish({
          ...about('@xstate.snapshot', actor),
          event: openEvent(inspected.event),
          snapshot: openSnapshot(inspected.snapshot as AnyMachineSnapshot),
        });
        break;
    }
  }

  #touch(event: AnyEventObject, session: SessionId | undefined): void {
    for (const each of [session, event.session, event.actorId]) {
      if (typeof each !== 'string') continue;
      // A session that has ended is not in the lobby any more, but may have had a row.
      if (each === event.actorId || this.#lobby.sessions.has(each)) this.#touched.add(each);
    }
  }

  #idsOf(actor: AnyActor): ReturnType<typeof transitionIdsOf> {
    const machine = (actor as Actor<AnyStateMachine>).logic;
    let ids = this.#transitionIds.get(machine);
    if (ids === undefined) {
      ids = transitionIdsOf(machine);
      this.#transitionIds.set(machine, ids);
    }
    return ids;
  }
}

function actorMessage(actor: AnyActor, definition?: string): Message {
  const isLobby = actor.id === 'lobby';
  return {
    ...about('@xstate.actor', actor),
    name: actor.id,
    ...(!isLobby && { parentId: 'lobby' }),
    ...(definition !== undefined && { definition }),
    snapshot: openSnapshot(actor.getSnapshot()),
  };
}

function about(type: string, actor: AnyActor): Message {
  return { type, sessionId: actor.id, ...common() };
}

function common(): object {
  return { rootId: 'lobby', createdAt: String(Date.now()), id: null, _version: formatVersion };
}
