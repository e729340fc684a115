/** Generated dialogues of two users against the real server, and whether users notice faults of the chart. */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inWords, type MultiUserSuites, multiUserSuites, withoutPrefixes } from './multiUserPaths.ts';
import { runDialogue } from './multiUserRunner.ts';
import { inMemory, type MultiUserServer, overTcp } from './multiUserServers.ts';
import { reportMutants } from './mutantReport.ts';
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
])('dialogues of two users, late answers included, %s', (where, start) => {
  let server: MultiUserServer;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server.stop());

  it.each(['states', 'branches', 'inputs', 'pairs'] as const)(
    'read as the charts say: all %s',
    { timeout: 120_000 },
    async (suite) => {
      const waiting = withoutPrefixes(suites[suite]);
      const count = waiting.length;
      const started = performance.now();
      let steps = 0;
      const wrong: string[] = [];
      const work = async (): Promise<void> => {
        for (let dialogue = waiting.pop(); dialogue; dialogue = waiting.pop()) {
          steps += dialogue.moves.length;
          const what = await runDialogue(server, dialogue);
          if (what) wrong.push(`${inWords(dialogue)}\n${what}`);
        }
      };
      await Promise.all(Array.from({ length: atOnce }, work));
      console.log(
        `${where}, ${suite}: ${count} dialogues, ${steps} steps, ${Math.round(performance.now() - started)} ms`,
      );
      expect(wrong[0]).toBeUndefined();
    },
  );

  it('leave nobody behind', () => {
    expect(server.sessionCount).toBe(0);
    expect(server.directory.onlineCount).toBe(0);
  });
});

describe('the generated dialogues', () => {
  it('are those that people have reviewed', () => {
    const text = `${suites.branches.map(transcriptOf).join('\n\n')}\n`;
    expectReviewed('golden/dialogues.txt', text);
  });
});

describe('faults of the session chart', () => {
  it('are noticed by the users in the dialogues, or proved to be none', { timeout: 300_000 }, () => {
    const report = reportMutants(suites, (done, total) => console.log(`mutants: ${done} of ${total}`));
    console.log(
      `mutants: ${report.killed} killed (${report.killedByJudge} by the judge alone), ` +
        `${report.equivalent.length} equivalent, ${report.total} in all`,
    );
    expect(report.survivors).toEqual([]);
    expect(report.killed + report.equivalent.length).toBe(report.total);
    expectReviewed('golden/equivalentMutants.txt', `${report.equivalent.join('\n')}\n`);
  });
});

/** STATECHAT_UPDATE_GOLDEN=1 writes the file anew; then a person reads the difference. */
function expectReviewed(file: string, text: string): void {
  const url = new URL(file, import.meta.url);
  if (process.env.STATECHAT_UPDATE_GOLDEN && !process.env.CI) writeFileSync(url, text);
  expect(text).toBe(readFileSync(url, 'utf8'));
}
