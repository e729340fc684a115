/** Which sockets the program was given, by what its environment says. */
import { describe, expect, it } from 'vitest';
import { passedSockets } from '../../src/cli/passedSockets.ts';

const pid = 4711;
const given = (variables: NodeJS.ProcessEnv) => passedSockets({ LISTEN_PID: `${pid}`, ...variables }, pid);

describe('sockets that are passed on', () => {
  it('are counted from descriptor 3, and plain without a name', () => {
    expect(given({ LISTEN_FDS: '2' })).toEqual({ plain: [3, 4], tls: [], web: [] });
    expect(given({ LISTEN_FDS: '2', LISTEN_FDNAMES: 'unknown:' })).toEqual({ plain: [3, 4], tls: [], web: [] });
    expect(given({ LISTEN_FDS: '1', LISTEN_FDNAMES: 'statechat.socket' })).toEqual({ plain: [3], tls: [], web: [] });
  });

  it('are for what their names say', () => {
    const names = 'tls:plain:tls:web';
    expect(given({ LISTEN_FDS: '4', LISTEN_FDNAMES: names })).toEqual({ plain: [4], tls: [3, 5], web: [6] });
  });

  it('are none without a number, with 0, and for another process', () => {
    expect(given({})).toBeUndefined();
    expect(given({ LISTEN_FDS: '0' })).toBeUndefined();
    expect(passedSockets({ LISTEN_PID: '1', LISTEN_FDS: '1' }, pid)).toBeUndefined();
    expect(passedSockets({ LISTEN_FDS: '1' }, pid)).toBeUndefined();
  });

  it.each(['', '-1', '1.5', 'one', '65', '1000000'])('are no number like %j', (count) => {
    expect(() => given({ LISTEN_FDS: count })).toThrow(`LISTEN_FDS has to be a number up to 64, not "${count}".`);
  });

  it('have no other names', () => {
    expect(() => given({ LISTEN_FDS: '1', LISTEN_FDNAMES: 'web\u001b' })).toThrow(
      String.raw`no socket may be called "web\u001b"`,
    );
  });
});
