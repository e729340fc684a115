/** Systems broken on purpose, to see that the exploration finds them out. */
import { createMachine } from 'xstate';
import { lobbyMachine } from '../../machines/lobby.machine.ts';
import { sessionMachine } from '../../machines/session.machine.ts';
import type { Notify } from '../../src/chat/directory/directory.ts';
import { type DirectorySnapshot, MemoryDirectory } from '../../src/chat/directory/memoryDirectory.ts';

// biome-ignore lint/suspicious/noExplicitAny: the configuration is taken apart and changed without its types.
type Config = any;

function changed(change: (config: Config) => void): typeof sessionMachine {
  const config = structuredClone(sessionMachine.config);
  change(config);
  return createMachine(config as never, sessionMachine.implementations as never) as never;
}

function changedLobby(change: (whileOpen: Config, always: Config) => void): typeof lobbyMachine {
  const { context, ...rest } = lobbyMachine.config;
  const config = structuredClone(rest) as Config;
  change(config.states.open.on, config.on);
  return createMachine({ ...config, context } as never, lobbyMachine.implementations as never) as never;
}

/** Gives an id to whoever claims it last. */
class DirectoryWithoutOwners extends MemoryDirectory {
  override send(...[from, command]: Parameters<MemoryDirectory['send']>): void {
    super.send(from, command.type === 'id.claim' ? { type: 'id.take', id: command.id } : command);
  }
}

/** Takes an answer to an old request for one to the present request, whatever number it carries. */
class DirectoryWithoutNumbers extends MemoryDirectory {
  override send(...[from, command]: Parameters<MemoryDirectory['send']>): void {
    if ('pairingId' in command) {
      const pairingId = this.snapshot().rows.find(({ session }) => session === from)?.pairingId ?? 0;
      super.send(from, { ...command, pairingId });
    } else super.send(from, command);
  }
}

export const mutantOf = {
  directoryWithoutNumbers: (snapshot: DirectorySnapshot, notify: Notify): MemoryDirectory =>
    MemoryDirectory.restore(snapshot, notify, DirectoryWithoutNumbers),
  directoryWithoutOwners: (snapshot: DirectorySnapshot, notify: Notify): MemoryDirectory =>
    MemoryDirectory.restore(snapshot, notify, DirectoryWithoutOwners),
  lobbyWithoutSecondTry: changedLobby((_, always) => always['directory.delayed'].splice(1, 1)),
  lobbies: {
    'no claim needs a password': changedLobby((on) => {
      on['id.claim'].splice(1, 1);
      on['directory.granted'].splice(1, 1);
    }),
    'an id that got a password while the directory decided is kept': changedLobby((on) =>
      on['directory.granted'].splice(1, 1),
    ),
  },
  charts: {
    'the operator removes nobody': changed((config) => delete config.on['session.removed']),
    'nobody is told of an eviction': changed((config) => delete config.on['session.evicted']),
    'a withdrawn request is not waited for': changed((config) => {
      config.states.online.states.requesting.states.awaiting.states.ringing.on['line.received'][0].target =
        '#session.online.menu';
    }),
    'leaving the room is not told to the lobby': changed((config) => {
      config.states.online.states.commonRoom.on['line.received'][0].actions.shift();
    }),
    'the menu is left without asking': changed((config) => {
      config.states.online.states.menu.states.choosing.on['line.received'][0].target = '#session.online.requesting';
    }),
  },
};
