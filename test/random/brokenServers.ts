/**
 * Servers that are broken on purpose, to see that the simulation finds the fault.
 *
 * Owns: the faults, each as a change of one part of the real server. `vi.restoreAllMocks()` takes them out again.
 */
import { vi } from 'vitest';
import { createMachine } from 'xstate';
import { sessionMachine } from '../../machines/session.machine.ts';
import { Broadcast } from '../../src/chat/broadcast.ts';
import type { Notify } from '../../src/chat/directory/directory.ts';
import { MemoryDirectory } from '../../src/chat/directory/memoryDirectory.ts';
import { Session } from '../../src/chat/session.ts';
import { PromptRenderer } from '../../src/dialogue/promptRenderer.ts';
import { Framing } from '../../src/transport/lineDecoder.ts';
import { rowNamed } from '../support/rowNamed.ts';
import { mutantOf } from '../system/brokenCharts.ts';
import type { Check } from './check.ts';
import { MemorySocket } from './memorySocket.ts';

type Fault = (() => Check['broken'] | undefined) & { late?: true };

/** Returns the server with a changed session chart. */
function chart(machine: typeof sessionMachine): Fault {
  return () => {
    vi.spyOn(sessionMachine, 'provide').mockImplementation(((parts: never) => machine.provide(parts)) as never);
    return undefined;
  };
}

/** Returns the server whose chart lacks one action in a state. */
function without(action: string, where: 'entry' | 'exit', ...path: string[]): Fault {
  // biome-ignore lint/suspicious/noExplicitAny: the configuration is taken apart and changed without its types.
  const config: any = structuredClone(sessionMachine.config);
  const node = path.reduce((state, name) => state.states[name], config);
  node[where] = [node[where]].flat().filter((one) => one !== action);
  return chart(createMachine(config, sessionMachine.implementations as never) as never);
}

function directory(create: (notify: Notify) => MemoryDirectory): Fault {
  return () => ({ createDirectory: create });
}

function socket(socketClass: typeof MemorySocket): Fault {
  return () => ({ createSocket: () => new socketClass() });
}

function late(fault: Fault): Fault {
  return Object.assign(() => fault(), { late: true as const });
}

class ForgetfulDirectory extends MemoryDirectory {
  override remove(session: string): void {
    if (this.rowOf(session)?.state !== 'commonRoom') super.remove(session);
  }
}

class PatientDirectory extends MemoryDirectory {
  override expire(): void {}
}

class GenerousDirectory extends MemoryDirectory {
  override send(...[from, command]: Parameters<MemoryDirectory['send']>): void {
    if (command.type !== 'id.claim') super.send(from, command);
    else super.send(from, { ...command, id: rowNamed(this, command.id) ? `${command.id}.` : command.id });
  }
}

class LossySocket extends MemorySocket {
  #writes = 0;
  override write(text: string): boolean {
    return ++this.#writes % 20 === 0 || super.write(text);
  }
}

class StutteringSocket extends MemorySocket {
  override write(text: string): boolean {
    return super.write(text.includes(': #') ? text + text : text);
  }
}

class HastySocket extends MemorySocket {
  override write(text: string): boolean {
    const lines = text.split(/(?<=\n)/);
    return super.write(lines.every((line) => line.includes(': #')) ? lines.reverse().join('') : text);
  }
}

export const faults: Record<string, Fault> = {
  'leaving the room is not told to the lobby': chart(mutantOf.charts['leaving the room is not told to the lobby']),
  'the menu is left without asking': late(chart(mutantOf.charts['the menu is left without asking'])),
  'a withdrawn request is not waited for': late(chart(mutantOf.charts['a withdrawn request is not waited for'])),
  'the numbers of pairings are ignored': late(
    directory((notify) => mutantOf.directoryWithoutNumbers({ lastPairingId: 0, rows: [] }, notify)),
  ),
  'the channel stays open after a chat': without('closeChannel', 'exit', 'online', 'chatting'),
  'the channel is never opened': without('openChatChannel', 'entry', 'online', 'chatting'),
  'the room still talks to those who left': without('closeChannel', 'exit', 'online', 'commonRoom'),
  'presence is told outside the menu': without('mutePresence', 'exit', 'online', 'menu'),
  'nobody hears that a chat has ended': directory(
    (notify) => new MemoryDirectory((to, update) => update.type !== 'chat.ended' && notify(to, update)),
  ),
  'who vanishes from the room keeps the id': directory((notify) => new ForgetfulDirectory(notify)),
  'requests never expire': directory((notify) => new PatientDirectory(notify)),
  'a taken id is granted with a dot': directory((notify) => new GenerousDirectory(notify)),
  'the send queue loses a text': socket(LossySocket),
  'lines come twice': socket(StutteringSocket),
  'lines change their order': socket(HastySocket),
  'the speaker in the room hears the echo': () => {
    const { send } = Broadcast.prototype;
    vi.spyOn(Broadcast.prototype, 'send').mockImplementation(function (this: Broadcast, line) {
      send.call(this, line);
    });
    return undefined;
  },
  'an interrupted prompt is not shown again': () => {
    vi.spyOn(PromptRenderer.prototype, 'interject').mockImplementation(function (this: PromptRenderer, lines) {
      this.show(lines);
    });
    return undefined;
  },
  'the end of a connection is not noticed': () => {
    vi.spyOn(Session.prototype, 'closed').mockImplementation(() => {});
    return undefined;
  },
  'timers run on after the end': () => {
    vi.spyOn(Framing.prototype, 'stop').mockImplementation(() => {});
    return undefined;
  },
  'an unfinished last line is lost': () => {
    vi.spyOn(Framing.prototype, 'end').mockImplementation(function (this: Framing) {
      this.stop();
    });
    return undefined;
  },
  'a line makes the session throw': () => {
    vi.spyOn(PromptRenderer.prototype, 'promptAnswered').mockImplementation(fail);
    return undefined;
  },
  'an action throws': () => {
    vi.spyOn(Session.prototype, 'openRoomChannel').mockImplementation(fail);
    return undefined;
  },
};

function fail(): never {
  throw new Error('broken on purpose');
}
