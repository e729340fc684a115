/** The reports: text as text, one name for each case, counts that add up. */
import { describe, expect, it } from 'vitest';
import { allChecks } from '../../src/conform/checks/all.ts';
import { dialoguesFor } from '../../src/conform/dialogues.ts';
import type { Judgement } from '../../src/conform/judgement.ts';
import type { Failure } from '../../src/conform/play.ts';
import { classroomOf, gradescopeOf } from '../../src/conform/reports/graders.ts';
import { htmlOf } from '../../src/conform/reports/html.ts';
import { junitOf } from '../../src/conform/reports/junit.ts';
import { textOf } from '../../src/conform/reports/text.ts';
import type { CheckResult } from '../../src/conform/runChecks.ts';
import { readDialect } from '../../src/protocol/dialect.ts';

const dialogues = (await dialoguesFor(readDialect('statechat').features)).suite('states');

function judgementOf(isRight: boolean): Judgement {
  const checks = allChecks.map((check, at): CheckResult => {
    const base = { check, otherWords: [], story: ['ann connects'], ms: 3 };
    if (isRight || at < 2) return { ...base, outcome: 'passed' };
    if (at > 2) return { ...base, outcome: 'not tested', reason: `before that: ${allChecks[2]?.rule}` };
    return { ...base, outcome: 'failed', fault: check, who: 'ann', expected: '"<b>\u0007"', read: '"&\n"' };
  });
  const failed = dialogues[0];
  if (failed === undefined) throw new Error('there are no dialogues');
  const step = { user: 0, does: 'types', text: '3' } as const;
  const failure: Failure = {
    ...{ story: ['ann connects'], who: 'ann', expected: '"a"', read: '"b"', step },
    transitions: ['session.online.menu.choosing line.received 1', 'session.online.menu.moving move.granted 0'],
  };
  const suite = dialogues.map((dialogue, at) =>
    isRight || at > 0
      ? { dialogue, outcome: isRight ? ('passed' as const) : ('not tested' as const), failure: undefined }
      : { dialogue, outcome: 'failed' as const, failure },
  );
  return {
    ...{ server: '127.0.0.1:1', dialect: 'statechat', stage: undefined, refusal: undefined, checks, otherWords: [] },
    suites: [{ name: 'states', dialogues: suite, ms: 10 }],
    passed: new Set(['session connection.closed 0']),
    failed: new Set(['session.identifying.prompting line.received 0']),
  };
}

describe('the page', () => {
  it('needs nothing from anywhere, and shows text as text', () => {
    const page = htmlOf(judgementOf(false));
    expect(page).not.toMatch(/(?:src|href)=|@import|url\(/);
    expect(page).not.toContain('<b>\u0007');
    expect(page).toContain('[data-edge="session connection.closed 0"] tspan{fill:var(--passed)}');
    expect(page).toContain('[data-edge="session.identifying.prompting line.received 0"] tspan{fill:var(--failed)}');
  });
});

describe('the text', () => {
  it('has headings of a person, the first failure first, and what it spoils beneath it', () => {
    const told = textOf(judgementOf(false));
    expect(told).toContain('In the menu, 3: into the common room (1 dialogue)');
    expect(told).toContain(`  ✗ ${allChecks[2]?.name}\n    ${allChecks[2]?.hint}\n`);
    expect(told).toMatch(/Because of it, \d+ checks could not be made\./);
    expect(told).not.toContain('does not speak');
  });
});

describe('JUnit', () => {
  it('has the same names at a right and at a failing server, each once, and counts that add up', () => {
    const [right, wrong] = [junitOf(judgementOf(true)), junitOf(judgementOf(false))];
    const names = (xml: string): string[] =>
      [...xml.matchAll(/<testcase classname="([^"]*)" name="([^"]*)"/g)].map(([, suite, name]) => `${suite} ${name}`);
    expect(names(wrong)).toEqual(names(right));
    expect(new Set(names(right)).size).toBe(names(right).length);
    for (const xml of [right, wrong]) {
      const sum = (what: string): number =>
        [...xml.matchAll(new RegExp(` ${what}="(\\d+)"`, 'g'))].reduce((all, [, count]) => all + Number(count), 0);
      expect(sum('tests')).toBe(names(xml).length);
      expect(sum('failures')).toBe(xml.match(/<failure/g)?.length ?? 0);
      expect(sum('skipped')).toBe(xml.match(/<skipped/g)?.length ?? 0);
    }
  });

  it('is XML whatever was read, with messages of one line', () => {
    const xml = junitOf(judgementOf(false));
    expect(xml).toContain('&lt;b&gt;');
    expect(xml).not.toContain('\u0007');
    for (const [, message] of xml.matchAll(/message="([^"]*)"/g)) expect(message).not.toMatch(/[\n\r]/);
  });
});

describe('graders', () => {
  it('give one point for each test that passed', () => {
    const { tests } = JSON.parse(gradescopeOf(judgementOf(false))) as {
      tests: { score: number; max_score: number; name: string; output: string; visibility: string }[];
    };
    expect(tests).toHaveLength(allChecks.length + 1);
    expect(tests.filter(({ score }) => score === 1)).toHaveLength(2);
    expect(
      tests.every(({ max_score, visibility, name }) => max_score === 1 && visibility === 'visible' && name !== ''),
    ).toBe(true);
  });

  it('have the fields of classroom50/result/v1 and no others', () => {
    const env = {
      CLASSROOM: 'c',
      ASSIGNMENT: 'a',
      SUBMISSION_TAG: 'submit/1',
      COMMIT_URL: 'https://x/1',
      RELEASE_URL: 'https://x/2',
    };
    const result = JSON.parse(classroomOf(judgementOf(true), env)) as {
      score: number;
      'max-score': number;
      tests: object[];
    };
    expect(result).toMatchObject({ schema: 'classroom50/result/v1', classroom: 'c', review: 'https://x/1' });
    expect(result.score).toBe(result['max-score']);
    for (const test of result.tests)
      expect(Object.keys(test).sort()).toEqual(['max-score', 'passed', 'score', 'test-name']);
  });
});
