/** Refused connections are told why at a pace, so that a flood of them leaves time to those inside. */
import { EventEmitter } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { SimulatedClock } from 'xstate';
import { ask } from '../../src/operator/adminClient.ts';
import { maxOpen, maxWaiting, Refusals, refusalsPerSecond } from '../../src/server/refusals.ts';
import type { Wire } from '../../src/transport/connection.ts';
import { FlushScheduler } from '../../src/transport/flushScheduler.ts';
import { SendBudget } from '../../src/transport/sendBudget.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { startTestServer } from '../support/testServer.ts';
import { unlimited } from '../support/unlimited.ts';
import { lockedDown } from '../support/wireTexts.ts';

class FakeWire extends EventEmitter {
  written = '';
  destroyed = false;
  readonly writableLength = 0;
  readonly bytesRead = 0;
  readonly bytesWritten = 0;

  write(piece: string): boolean {
    this.written += piece;
    return true;
  }

  pause(): void {}
  resume(): void {}
  end(): void {}

  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

function setUp() {
  const clock = new SimulatedClock();
  const options = { ...unlimited, framing: 'auto', clock, total: new SendBudget(1e6) } as const;
  const refusals = new Refusals({ ...options, flushScheduler: new FlushScheduler((run) => run()) }, clock);
  const wires: FakeWire[] = [];
  const come = (count: number, hasPlace = true): void => {
    for (let each = 0; each < count; each++) {
      const wire = new FakeWire();
      wires.push(wire);
      refusals.add(wire as unknown as Wire, 'Goodbye!\n', hasPlace);
    }
  };
  const told = (): number => wires.filter(({ written }) => written !== '').length;
  const pass = (ms: number): void => {
    for (let each = 0; each < ms; each++) clock.increment(1);
  };
  return { clock, pass, refusals, wires, come, told };
}

describe('refused connections', () => {
  it('are told why at once, where they are few', () => {
    const { come, told } = setUp();
    come(maxOpen);
    expect(told()).toBe(maxOpen);
  });

  it('are told at a pace where they are many, in their order, and the last one that waits within a second', () => {
    const { come, pass, told, wires } = setUp();
    come(maxOpen + maxWaiting);
    expect(told()).toBe(maxOpen);
    pass(100);
    expect(told()).toBeLessThanOrEqual(maxOpen + refusalsPerSecond / 10);
    expect(told()).toBeGreaterThan(maxOpen + refusalsPerSecond / 20);
    expect(wires.findLastIndex(({ written }) => written !== '')).toBe(told() - 1);
    pass(900);
    expect(told()).toBe(wires.length);
    pass(10);
    come(1);
    expect(told()).toBe(wires.length);
  });

  it('are cut off where too many wait', () => {
    const { come, wires } = setUp();
    come(maxOpen + maxWaiting + 5);
    expect(wires.filter(({ destroyed }) => destroyed)).toEqual(wires.slice(-5));
  });

  it('are told at once where there is no place to wait, and the oldest of them is cut off', () => {
    const { come, told, wires } = setUp();
    come(maxOpen + 5, false);
    expect(told()).toBe(maxOpen + 5);
    expect(wires.filter(({ destroyed }) => destroyed)).toEqual(wires.slice(0, 5));
  });

  it('make place for somebody who is admitted, the last one first', () => {
    const { come, refusals, wires } = setUp();
    come(maxOpen + 3);
    refusals.makePlace();
    expect(wires.filter(({ destroyed }) => destroyed)).toEqual(wires.slice(-1));
    refusals.makePlace();
    refusals.makePlace();
    refusals.makePlace();
    expect(wires.filter(({ destroyed }) => destroyed)).toHaveLength(3);
  });

  it('that have gone meanwhile are passed over, also with an error', () => {
    const { clock, come, told, wires } = setUp();
    come(maxOpen + 2);
    wires[maxOpen]?.emit('error', new Error('ECONNRESET'));
    wires[maxOpen]?.destroy();
    clock.increment(100);
    expect(told()).toBe(maxOpen + 1);
    expect(wires.at(-1)?.written).toBe('Goodbye!\n');
  });

  it('that wait when the server stops are cut off', () => {
    const { clock, come, refusals, told, wires } = setUp();
    come(maxOpen + 2);
    refusals.stop();
    clock.increment(100);
    expect(told()).toBe(maxOpen);
    expect(wires.filter(({ destroyed }) => destroyed)).toHaveLength(2);
  });

  it('all read why, also a hundred at once', async () => {
    const adminSocket = join(temporaryFolder(), 'admin.sock');
    const server = await startTestServer({ adminSocket });
    await ask(adminSocket, { do: 'lockdown', on: true });
    const many = Array.from({ length: 100 }, () => text(connect(server.port, server.host)));
    expect(new Set(await Promise.all(many))).toEqual(new Set([lockedDown]));
  });
});
