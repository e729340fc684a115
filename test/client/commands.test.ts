/** The client chart, as far as lines go that a person says to the client itself. */
import { describe, expect, it } from 'vitest';
import { createActor, SimulatedClock } from 'xstate';
import { clientMachine } from '../../machines/client.machine.ts';
import type { ClientEvent } from '../../machines/clientEvents.ts';

const connected: ClientEvent = { type: 'socket.connected' };
const greeted: ClientEvent = { type: 'server.spoke' };
const reset: ClientEvent = { type: 'socket.failed', code: 'ECONNRESET', lastWords: 'none' };
const help: ClientEvent = { type: 'command.help', isSecret: false };
const command = (name: 'ignore' | 'unignore' | 'unknown', argument = ''): ClientEvent => ({
  type: `command.${name}`,
  argument,
  isSecret: false,
});

const places: [place: string, way: ClientEvent[]][] = [
  ['connecting', []],
  ['waiting for the greeting', [connected]],
  ['talking', [connected, greeted]],
  ['waiting to connect again', [connected, greeted, reset]],
];

/** A client of a person, or of a script, after these events. */
function startClient(way: readonly ClientEvent[], interactive = true) {
  const done: string[] = [];
  const clock = new SimulatedClock();
  const machine = clientMachine.provide({
    actions: {
      say: (_, { notice }) => void done.push(notice),
      sendInput: () => void done.push('sendInput'),
      declineIgnored: () => void done.push('declineIgnored'),
    },
  });
  const actor = createActor(machine, { input: { interactive, id: '', pace: 0.5 }, clock }).start();
  for (const event of way) actor.send(event);
  done.length = 0;
  return {
    clock,
    does(...events: ClientEvent[]): string[] {
      for (const event of events) actor.send(event);
      return done.splice(0);
    },
    takes(event: ClientEvent): boolean {
      return actor.getSnapshot().can(event);
    },
    get ignored() {
      return actor.getSnapshot().context.ignoredIds;
    },
  };
}

const lines = [help, command('ignore'), command('ignore', 'eve'), command('unignore', 'eve'), command('unknown', 'x')];

describe.each(lines)('$type $argument', (event) => {
  it('is for the client if a person says it', () => {
    expect(startClient([connected, greeted]).takes(event)).toBe(true);
  });

  it('is for the server if a script says it, or if it is a password', () => {
    const secret = { ...event, isSecret: true } as ClientEvent;
    const person = startClient([connected, greeted]);
    expect([person.takes(secret), person.does(secret), person.ignored]).toEqual([false, [], []]);
    const script = startClient([connected, greeted], false);
    expect([script.takes(event), script.does(event), script.ignored]).toEqual([false, [], []]);
  });

  it('is for the server as a password, also if the user in question is ignored', () => {
    const client = startClient([connected, greeted, command('ignore', 'eve')]);
    const secret = { ...event, isSecret: true } as ClientEvent;
    expect([client.takes(secret), client.does(secret), client.ignored]).toEqual([false, [], ['eve']]);
  });
});

describe.each(places)('a command while %s', (_, way) => {
  it('is answered by the client, and nothing is sent', () => {
    const client = startClient(way);
    const all = [help, command('ignore'), command('unknown', 'quit'), command('unignore', 'mallory')];
    expect(client.does(...all)).toEqual(['help', 'ignoreList', 'unknownCommand', 'notIgnored']);
  });

  it('adds to those who are ignored, each once and in any letter case, and takes them away', () => {
    const client = startClient(way);
    expect(client.does(command('ignore', 'Mallory'), command('ignore', 'eve'), command('ignore', 'mallory'))).toEqual([
      ...['ignored', 'ignored', 'ignored'],
    ]);
    expect(client.ignored).toEqual(['eve', 'mallory']);
    expect(client.does(command('unignore'), command('unignore', 'MALLORY'))).toEqual(['notIgnored', 'unignored']);
    expect(client.ignored).toEqual(['eve']);
  });
});

it('whom the person ignores is known after a reconnect, too, and their requests are declined', () => {
  const client = startClient([connected, greeted, command('ignore', 'mallory'), reset]);
  client.clock.increment(1000);
  client.does(connected, greeted);
  expect([client.does({ type: 'request.ignored' }), client.ignored]).toEqual([['declineIgnored'], ['mallory']]);
});
