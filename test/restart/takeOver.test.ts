/** What the new process of an upgrade refuses before it has taken anything. */
import { expect, it } from 'vitest';
import { stateFrom } from '../../src/server/takeOver.ts';
import type { FromSuccessor, Predecessor, ServerState } from '../../src/server/upgradeSteps.ts';
import { Gathering } from '../support/memory.ts';

/** A process that hands this over. */
class Old implements Predecessor {
  readonly heard: FromSuccessor[] = [];
  readonly #state: ServerState;

  constructor(state: ServerState) {
    this.#state = state;
  }

  readonly isOpen = () => true;

  async send(message: FromSuccessor): Promise<void> {
    this.heard.push(message);
  }

  async receive() {
    return { message: { type: 'state' as const, state: this.#state }, handle: undefined };
  }
}

function stateOf(speaks: 'plain' | 'tls', change: (chart: { value: unknown }) => void = () => {}): ServerState {
  const all = new Gathering();
  all.gather('lior');
  const [session] = all.lobby.sessions.values();
  const state = all.lobby.handOver.state;
  if (session === undefined || state === undefined) throw new Error('lior is not there');
  const moving = all.lobby.handOver.stateOf(session);
  change(moving.chart as { value: unknown });
  return {
    ...{ lobby: state, bans: [], isLockedDown: false, places: 1 },
    sessions: [{ place: 0, address: '127.0.0.1', session: moving }],
    listens: [{ speaks, address: { address: '127.0.0.1', family: 'IPv4', port: 1 } }],
  };
}

const ready = { type: 'ready', format: expect.any(Number) };

it('takes a state that its charts know', async () => {
  const old = new Old(stateOf('plain'));
  expect((await stateFrom(old, false)).sessions).toHaveLength(1);
  expect(old.heard).toEqual([ready]);
});

it('refuses a user in a state that its chart does not have', async () => {
  const old = new Old(
    stateOf('plain', (chart) => {
      chart.value = { online: 'asleep' };
    }),
  );
  await expect(stateFrom(old, false)).rejects.toThrow();
  const reason = expect.stringMatching(/^the new process can't take over: .*asleep/);
  expect(old.heard).toEqual([ready, { type: 'refused', reason }]);
});

it('refuses a port with TLS without a certificate', async () => {
  const old = new Old(stateOf('tls'));
  await expect(stateFrom(old, false)).rejects.toThrow();
  const reason = "the new process can't take over: the port with TLS needs --tls-cert.";
  expect(old.heard).toEqual([ready, { type: 'refused', reason }]);
  await stateFrom(new Old(stateOf('tls')), true);
});
