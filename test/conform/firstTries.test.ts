/** Checks that are tried at once: what needs another one waits for it, and a failure keeps later exercises from being tried. */
import { describe, expect, it } from 'vitest';
import type { Check, Stage } from '../../src/conform/checks/check.ts';
import { firstTries } from '../../src/conform/firstTries.ts';

function check(id: string, stage: Stage, needs: string[] = [], more: Partial<Check> = {}): Check {
  return { ...{ id, stage, needs, rule: '', name: '', hint: '' }, run: async () => {}, ...more };
}

/** Makes these checks; the ones that are named don't pass. Returns what was begun, what passed, and how many were under way at most. */
async function tryAll(checks: readonly Check[], { failing = [] as string[], connections = 16 } = {}) {
  const begun: string[] = [];
  let [now, most] = [0, 0];
  const passed = await firstTries(checks, connections, async ({ id }) => {
    begun.push(id);
    most = Math.max(most, ++now);
    await new Promise(setImmediate);
    now--;
    return failing.includes(id) ? undefined : id.toUpperCase();
  });
  return { begun, passed: Object.fromEntries(passed), most };
}

describe('the first tries', () => {
  it('are several at once, as far as the connections go', async () => {
    const checks = ['a', 'b', 'c', 'd', 'e'].map((id) => check(id, 1));
    expect(await tryAll(checks)).toMatchObject({ begun: ['a', 'b', 'c', 'd', 'e'], most: 3 });
    expect(await tryAll(checks, { connections: 5 })).toMatchObject({ most: 1 });
  });

  it('wait for what they need, and are not made if that has not passed', async () => {
    const checks = [check('a', 1), check('b', 1, ['a']), check('c', 1, ['b'])];
    expect(await tryAll(checks)).toEqual({ begun: ['a', 'b', 'c'], passed: { a: 'A', b: 'B', c: 'C' }, most: 1 });
    expect((await tryAll(checks, { failing: ['b'] })).begun).toEqual(['a', 'b']);
  });

  it('bring nothing of a later exercise after a failure', async () => {
    const checks = [check('a', 1), check('b', 1), check('c', 1, ['a']), check('d', 2, ['a'])];
    const { begun, passed } = await tryAll(checks, { failing: ['b'] });
    expect([begun, passed]).toEqual([['a', 'b', 'c'], { a: 'A', c: 'C' }]);
  });

  it('stop after some failures', async () => {
    const checks = Array.from({ length: 20 }, (_, at) => check(`c${at}`, 1));
    const { begun } = await tryAll(checks, { failing: checks.map(({ id }) => id), connections: 5 });
    expect(begun).toHaveLength(4);
  });

  it('go on after what may be only a remark', async () => {
    const checks = [check('a', 1, [], { isFine: true }), check('b', 1, [], { isOpen: true }), check('c', 2)];
    expect((await tryAll(checks, { failing: ['a', 'b'] })).begun).toEqual(['a', 'b', 'c']);
  });

  it('leave out what has to be alone', async () => {
    const checks = [check('a', 1), check('b', 1, [], { isRace: true }), check('c', 1, [], { isAlone: true })];
    expect((await tryAll(checks)).begun).toEqual(['a']);
  });
});
