/** Generated dialogues of two users against the real server, and whether users notice faults of the chart. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectReviewed } from './expectReviewed.ts';
import { inWords, type MultiUserSuites, multiUserSuites, withoutPrefixes } from './multiUserPaths.ts';
import { runDialogue } from './multiUserRunner.ts';
import { inMemory, type MultiUserServer, overTcp } from './multiUserServers.ts';
import { reportMutants, totalOf } from './mutantReport.ts';
import { someMutants } from './mutants.ts';
import { transcriptOf } from './transcripts.ts';

/** How many dialogues run on one server at once. */
const atOnce = 16;

let suites: MultiUserSuites;
beforeAll(() => {
  suites = multiUserSuites();
});

describe.each([
  ['in memory', async () => inMemory()],
  ['over TCP', overTcp],
])('dialogues of two users, late answers included, %s', (_, start) => {
  let server: MultiUserServer;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server.stop());

  it.each(['states', 'branches', 'inputs', 'pairs'] as const)('read as the charts say: all %s', async (suite) => {
    const waiting = withoutPrefixes(suites[suite]);
    const wrong: string[] = [];
    const work = async (): Promise<void> => {
      for (let dialogue = waiting.pop(); dialogue; dialogue = waiting.pop()) {
        const what = await runDialogue(server, dialogue);
        if (what) wrong.push(`${inWords(dialogue)}\n${what}`);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    expect(wrong[0]).toBeUndefined();
  });

  it('leave nobody behind', () => {
    expect(server.sessionCount).toBe(0);
    expect(server.directory.onlineCount).toBe(0);
  });
});

describe('the generated dialogues', () => {
  it('are those that people have reviewed', () => {
    const text = `${suites.branches.map(transcriptOf).join('\n\n')}\n`;
    expectReviewed('dialogues.txt', text);
  });
});

describe('faults of the session chart', () => {
  it('are noticed by the users in the dialogues, or proved to be none: some of every kind', () => {
    const some = someMutants(4);
    const report = reportMutants(some, suites);
    const { noticed, equivalent, neverComes } = totalOf(report);
    expect(report.survivors).toEqual([]);
    expect(noticed + equivalent + neverComes).toBe(some.length);
    expect(noticed).toBeGreaterThan(equivalent + neverComes);
  });
});
