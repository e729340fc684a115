/**
 * A judgement for those who give marks: Gradescope, GitHub Classroom 50, and a table of a whole class.
 *
 * Owns: these forms. One test for each check; the tests of an exercise have one weight each, so that a mark is a share of the
 * rules that are kept. Generated dialogues are one test for each suite.
 */
import { faultsOf, isGood, type Judgement, scoresOf } from '../judgement.ts';
import { checkStoryOf, groupsOf, messageOf, stageTitles, storyOf } from './summary.ts';

interface GradedTest {
  readonly name: string;
  readonly passed: boolean;
  readonly output: string;
}

/** The same tests at every server, but for what the dialect or the stage leaves out. */
function gradedTestsOf(judgement: Judgement): GradedTest[] {
  const { refusal, checks, suites } = judgement;
  if (refusal !== undefined) return [{ name: 'it can be judged', passed: false, output: refusal }];
  return [
    ...checks.map((result): GradedTest => {
      const { check, outcome, fault, reason } = result;
      const passed = outcome === 'passed' || outcome === 'remark';
      const why = [fault?.name ?? '', fault?.hint ?? '', '', ...checkStoryOf(result)].join('\n');
      const output = passed ? '' : outcome === 'not tested' ? `not tested: ${reason}` : why;
      return { name: `${check.stage}. ${check.id}: ${check.rule}`, passed, output };
    }),
    ...suites.map(({ name, dialogues }): GradedTest => {
      const passed = dialogues.every(({ outcome }) => outcome === 'passed');
      const groups = groupsOf({ suites: suites.filter((suite) => suite.name === name) });
      const output = groups.flatMap(({ heading, failures }) => [
        heading,
        ...storyOf(failures[0] as (typeof failures)[number]),
        '',
      ]);
      return { name: `5. ${name}: generated dialogues`, passed, output: output.join('\n') };
    }),
  ];
}

/** `results.json` of a Gradescope autograder. */
export function gradescopeOf(judgement: Judgement): string {
  const tests = gradedTestsOf(judgement).map(({ name, passed, output }) => ({
    ...{ name, score: passed ? 1 : 0, max_score: 1, status: passed ? 'passed' : 'failed', output },
    visibility: 'visible',
  }));
  const output = summaryOf(judgement);
  return `${JSON.stringify({ output, output_format: 'text', visibility: 'visible', tests }, null, 2)}\n`;
}

/** What the runner of Classroom 50 knows of a submission, by the names of its environment. */
const submission = {
  classroom: 'CLASSROOM',
  assignment: 'ASSIGNMENT',
  submission: 'SUBMISSION_TAG',
  commit: 'COMMIT_URL',
};

/** `classroom50/result/v1`, which allows no other fields for a test than these. */
export function classroomOf(judgement: Judgement, env: NodeJS.ProcessEnv = process.env): string {
  const tests = gradedTestsOf(judgement).map(({ name, passed }) => ({
    ...{ 'test-name': name, passed, score: passed ? 1 : 0, 'max-score': 1 },
  }));
  const fields = Object.entries(submission).map(([field, variable]) => [field, env[variable] ?? 'unknown']);
  const whole = {
    schema: 'classroom50/result/v1',
    ...Object.fromEntries(fields),
    release: env.RELEASE_URL ?? env.COMMIT_URL ?? 'unknown',
    review: env.REVIEW_URL ?? env.COMMIT_URL ?? 'unknown',
    datetime: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
    score: tests.reduce((sum, each) => sum + each.score, 0),
    'max-score': tests.length,
    tests,
  };
  return `${JSON.stringify(whole, null, 2)}\n`;
}

export interface ClassRow {
  readonly name: string;
  readonly judgement: Judgement;
}

/** One line for each student, in the order of the list. */
export function classTableOf(rows: readonly ClassRow[]): string {
  const stages = ([1, 2, 3, 4, 5] as const).filter((stage) =>
    rows.some(({ judgement }) => scoresOf(judgement).some((each) => each.stage === stage)),
  );
  const head = ['name', 'server', ...stages.map((stage) => `${stage}`), 'what it probably is'];
  const table = rows.map(({ name, judgement }) => {
    const scores = scoresOf(judgement);
    const cells = stages.map((stage) => {
      const score = scores.find((each) => each.stage === stage);
      return score === undefined ? '-' : `${score.passed}/${score.of}`;
    });
    return [name, judgement.server, ...cells, firstCauseOf(judgement)];
  });
  const widths = head.map((title, at) => Math.max(title.length, ...table.map((row) => (row[at] ?? '').length)));
  return `${[head, ...table]
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')}\n`;
}

function firstCauseOf(judgement: Judgement): string {
  if (judgement.refusal !== undefined) return judgement.refusal;
  const [first, ...more] = faultsOf(judgement);
  if (first !== undefined) return first.name + (more.length > 0 ? ` (and ${more.length} more)` : '');
  const missing = judgement.checks.find(({ outcome }) => outcome === 'not yet');
  if (missing !== undefined) return `not yet: ${missing.check.rule}`;
  if (judgement.otherWords.length > 0) return 'other words than the dialect has';
  const [group] = groupsOf(judgement);
  return group?.heading ?? (isGood(judgement) ? 'nothing: all passed' : '');
}

function summaryOf(judgement: Judgement): string {
  if (judgement.refusal !== undefined) return judgement.refusal;
  const lines = scoresOf(judgement).map(
    ({ stage, passed, of }) => `Exercise ${stage}, ${stageTitles[stage]}: ${passed} of ${of}`,
  );
  const first = faultsOf(judgement)[0];
  const result = first?.results[0];
  return [...lines, ...(first && result ? ['', first.name, first.hint, messageOf(result)] : [])].join('\n');
}
