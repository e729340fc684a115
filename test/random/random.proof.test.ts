/** Random lives of six users with a million actions: a new seed in every run. */
import { describe, expect, it } from 'vitest';
import { protocolMachine } from '../../machines/protocol.machine.ts';
import { wasRead } from './dialogueTable.ts';
import { simulate } from './simulate.ts';

describe('six users who do anything at any moment', () => {
  it('find every promise kept', () => simulate(650_000, { late: false }));

  it('find every promise kept when the directory answers late', () => simulate(300_000, { late: true }));

  it('find every promise kept where the limits of a real server hold', () =>
    simulate(50_000, { late: false, limited: true, named: true }));

  it('notice nothing when other processes take over, again and again', async () => {
    const handOvers = await simulate(50_000, { late: false, handsOver: true, named: true });
    const limited = await simulate(20_000, { late: false, limited: true, handsOver: true, named: true });
    console.log(`${handOvers + limited} times, another process took over`);
    expect(handOvers).toBeGreaterThan(100);
  });

  it('read every sentence of the protocol', () => {
    const read = new Set([...wasRead()].map((step) => step.split(' ')[1]));
    const sentences = protocolMachine.events.filter((event) => event.startsWith('read.'));
    // What can't happen here: there is one server, it doesn't fail, and no operator acts.
    // Nor does anybody come back to a chat: `../system` has that.
    const impossible = ['read.chatResumed', 'read.fault', 'read.idUnchecked', 'read.removed'];
    expect(sentences.filter((sentence) => !read.has(sentence)).sort()).toEqual(impossible);
  });
});
