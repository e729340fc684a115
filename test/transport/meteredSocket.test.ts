/** What a connection in front of TLS passes on, how much of it in a turn, and how it ends. */
import { PassThrough } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SimulatedClock } from 'xstate';
import { MeteredSocket } from '../../src/transport/meteredSocket.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const turns = async (count: number): Promise<void> => {
  for (let each = 0; each < count; each++) await turn();
};

/** A socket in memory: what its other side has sent, and what it was given. */
class Raw extends PassThrough {
  readonly given: string[] = [];
  hasFin = false;
  override write(...args: unknown[]): boolean {
    this.given.push(String(args[0]));
    (args.at(-1) as () => void)();
    return true;
  }
  override end(done?: unknown): this {
    this.hasFin = true;
    (done as () => void)();
    return this;
  }
  arrives(bytes: number): void {
    super.push(Buffer.alloc(bytes, 'x'));
  }
  hangsUp(): void {
    super.push(null);
  }
}

function open({ overheadRate = 0 } = {}) {
  const raw = new Raw();
  let floods = 0;
  const clock = new SimulatedClock();
  const metered = new MeteredSocket(raw as never, { clock, overheadRate }, () => floods++);
  onTestFinished(() => void metered.destroy());
  const pieces: number[] = [];
  const heard: string[] = [];
  metered.on('error', (error) => heard.push(error.message));
  for (const name of ['end', 'close'] as const) metered.on(name, () => heard.push(name));
  const listen = (): void => void metered.on('data', (piece: Buffer) => pieces.push(piece.length));
  return { raw, metered, pieces, heard, clock, listen, floods: () => floods };
}

describe('what has come', () => {
  it('is passed on in small pieces, one in a turn, as long as no text was made of it', async () => {
    const { raw, pieces, listen } = open();
    listen();
    raw.arrives(5000);
    await turns(2);
    expect(pieces.length).toBeLessThanOrEqual(2);
    await turns(8);
    expect(pieces).toEqual([2048, 2048, 904]);
  });

  it('is passed on in large ones as long as text is made of it', async () => {
    const { raw, metered, pieces, listen } = open();
    let text = 0;
    metered.textBytes = () => ++text;
    listen();
    raw.arrives(20_000);
    await turns(8);
    expect(pieces).toEqual([16_384, 3616]);
  });

  it('is not passed on before somebody reads', async () => {
    const { raw, metered, pieces, listen } = open();
    raw.arrives(10);
    await turns(3);
    expect(metered.readableLength).toBe(0);
    listen();
    await turns(3);
    expect(pieces).toEqual([10]);
  });

  it('is passed on to its end, and the end behind it', async () => {
    const { raw, pieces, heard, listen } = open();
    listen();
    raw.arrives(3000);
    raw.hangsUp();
    await turns(10);
    expect([pieces, heard]).toEqual([
      [2048, 952],
      ['end', 'close'],
    ]);
    expect(raw.destroyed).toBe(true);
  });

  it('stops the reading until it has been passed on', async () => {
    const { raw, listen } = open();
    listen();
    raw.arrives(5000);
    await turn();
    expect(raw.isPaused()).toBe(true);
    await turns(8);
    expect(raw.isPaused()).toBe(false);
  });
});

describe('what is TLS’s own', () => {
  it('is a flood beyond twice the rate at once: it is told once, and the connection is cut', async () => {
    const { raw, heard, listen, floods } = open({ overheadRate: 1000 });
    listen();
    raw.arrives(2000);
    await turns(5);
    expect(floods()).toBe(0);
    raw.arrives(100);
    await turns(5);
    raw.arrives(100);
    await turns(5);
    expect([floods(), heard, raw.destroyed]).toEqual([1, ['close'], true]);
  });

  it('may be any amount where there is no rate', async () => {
    const { raw, listen, floods } = open();
    listen();
    raw.arrives(60_000);
    await turns(40);
    expect(floods()).toBe(0);
  });

  it('does not count again, and less may come as time goes by', async () => {
    const { raw, listen, floods, clock } = open({ overheadRate: 1000 });
    listen();
    for (let second = 0; second < 5; second++) {
      raw.arrives(1000);
      await turns(5);
      clock.increment(1000);
    }
    expect(floods()).toBe(0);
  });

  it('is not what became text', async () => {
    const { raw, metered, pieces, listen, floods } = open({ overheadRate: 1000 });
    metered.textBytes = () => pieces.reduce((sum, piece) => sum + piece, 0);
    listen();
    raw.arrives(60_000);
    await turns(40);
    expect(floods()).toBe(0);
  });
});

describe('the way back', () => {
  it('is the socket’s own: bytes and their end', async () => {
    const { raw, metered, listen } = open();
    listen();
    metered.write('hello');
    metered.end();
    await turns(2);
    expect([raw.given, raw.hasFin]).toEqual([['hello'], true]);
  });
});

describe('the end', () => {
  it('is that of the socket, and its error is passed on', async () => {
    const { raw, heard, listen } = open();
    listen();
    raw.destroy(new Error('reset'));
    await turns(3);
    expect(heard).toEqual(['reset', 'close']);
  });

  it('cuts the socket, and passes nothing on any more', async () => {
    const { raw, metered, pieces, listen } = open();
    listen();
    raw.arrives(5000);
    await turn();
    const before = pieces.length;
    metered.destroy();
    await turns(5);
    expect([raw.destroyed, pieces.length]).toEqual([true, before]);
  });
});
