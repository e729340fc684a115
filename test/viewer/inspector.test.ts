/** `startServer({ inspect })`: the actors as one tree, from the first event on, and nothing that lives or is private. */
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import type { Inspected } from '../../src/viewer/inspector.ts';
import { gather, join, startChat } from '../support/gathering.ts';
import { startTestServer } from '../support/testServer.ts';
import { menu, partnerLeft } from '../support/wireTexts.ts';

/** A chat from beginning to end, and all that an observer gets. */
async function inspectChat(): Promise<Inspected[]> {
  const seen: Inspected[] = [];
  const server = await startTestServer({ inspect: { next: (each) => seen.push(each) } });
  const [lior, golan] = await gather(server, 'Lior', 'Golan');
  await startChat(lior, golan);
  lior.say('the secret word is xyzzy');
  await golan.expect('Lior: the secret word is xyzzy\n');
  lior.say('exit()');
  await golan.expect(`${partnerLeft('Lior')}${menu}`);
  golan.say('a line that no menu has');
  golan.hangUp();
  await expect
    .poll(() => seen.some(({ type, ...rest }) => type === '@xstate.event' && endOf(rest) === 's2'))
    .toBe(true);
  await server.stop();
  return seen;
}

function endOf(each: object): string | undefined {
  const { type } = (each as { event: { type: string } }).event;
  return /^xstate\.done\.actor\.(s\d+)$/.exec(type)?.[1];
}

describe('an observer of the server', () => {
  it('sees the lobby, then the parent of the sessions, then each session, as one tree', async () => {
    const seen = await inspectChat();
    const root = seen[0]?.actorRef;
    expect(seen[0]).toMatchObject({ type: '@xstate.actor', actorRef: { id: 'lobby' } });
    expect(root).not.toHaveProperty('_parent');
    expect(new Set(seen.map(({ rootId }) => rootId))).toEqual(new Set([root?.sessionId]));
    const announced = seen.filter(({ type }) => type === '@xstate.actor').map(({ actorRef }) => actorRef);
    const parents = announced.map(({ id, _parent }) => [
      id,
      announced.find((each) => each.sessionId === _parent?.sessionId)?.id,
    ]);
    expect(parents).toEqual([
      ['lobby', undefined],
      ['sessions', 'lobby'],
      ['s1', 'sessions'],
      ['s2', 'sessions'],
    ]);
    const first = announced.find(({ id }) => id === 's1');
    expect(first?.getSnapshot()).toMatchObject({ status: 'active', value: { identifying: 'prompting' } });
    expect(first?.logic.config).toMatchObject({ id: 'session', initial: 'identifying' });
  });

  it('sees every actor announced before anything else of it', async () => {
    const known = new Set<string>();
    for (const { type, actorRef } of await inspectChat()) {
      if (type === '@xstate.actor') known.add(actorRef.sessionId);
      expect(known).toContain(actorRef.sessionId);
    }
  });

  it('sees ends under the name of the session that has ended', async () => {
    const events = (await inspectChat()).filter(({ type }) => type === '@xstate.event');
    const ends = events.filter((each) => endOf(each) !== undefined);
    expect(ends.map((each) => endOf(each)).sort()).toEqual(['s1', 's2']);
    for (const end of ends) expect(end).toMatchObject({ actorRef: { id: 'sessions' }, sourceRef: { id: endOf(end) } });
  });

  it('gets neither what people write, nor an address, nor anything that lives', async () => {
    const seen = await inspectChat();
    const text = JSON.stringify(seen.map((each) => [each, each.actorRef.getSnapshot()]));
    expect(text).not.toMatch(/xyzzy|a line that no menu has|127\.0\.0\.1/);
    expect(seen.flatMap((each) => livingIn(each))).toEqual([]);
    expect(text).toContain('"length":23');
  });

  it('gets the transitions by their names in the drawings', async () => {
    const transitions = (await inspectChat()).flatMap((each) =>
      each.type === '@xstate.microstep' ? each.transitions : [],
    );
    expect(transitions).toContain('session.online.confirming.answering line.received 0');
    expect(transitions).not.toContain('');
  });

  it('may be a function, and may throw without any session noticing', async () => {
    const failures: string[] = [];
    const server = await startTestServer({
      log: pino({ level: 'error' }, { write: (line: string) => failures.push(line) }),
      inspect: () => {
        throw new Error('no');
      },
    });
    await join(server, 'Lior');
    expect(failures[0]).toContain('the inspector failed');
  });
});

/** The places of everything that is no plain data, but for `getSnapshot`. */
function livingIn(value: unknown, place: string[] = []): string[] {
  if (place.at(-1) === 'getSnapshot') return [];
  if (typeof value === 'function') return [place.join('.')];
  if (typeof value !== 'object' || value === null) return [];
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== Array.prototype) return [place.join('.')];
  return Object.entries(value).flatMap(([key, each]) => livingIn(each, [...place, key]));
}
