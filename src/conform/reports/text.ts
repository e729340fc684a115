/**
 * A judgement as text for a terminal.
 *
 * Owns: its form. The first failure comes first, each cause once, and what else it spoils is counted beneath it.
 */
import { faultsOf, isGood, type Judgement, scoresOf } from '../judgement.ts';
import { type CheckResult, isFailing } from '../runChecks.ts';
import {
  checkStoryOf,
  coverageInWords,
  groupsOf,
  messageOf,
  plural,
  spoiledBy,
  stageTitles,
  storyOf,
} from './summary.ts';

/** So many groups of failed dialogues are told from the beginning. */
const maxGroups = 3;

export function textOf(judgement: Judgement): string {
  const { refusal, server } = judgement;
  if (refusal !== undefined) return `${server} can't be judged. ${refusal}\n`;
  const parts = [scores(judgement), suites(judgement), faults(judgement), missing(judgement), words(judgement)];
  const lines = [...parts, dialogues(judgement), remarks(judgement), verdict(judgement)].filter(
    (part) => part.length > 0,
  );
  return `${lines.map((part) => part.join('\n')).join('\n\n')}\n`;
}

function scores(judgement: Judgement): string[] {
  return scoresOf(judgement).map(({ stage, passed, of, verdict }) => {
    const mark = verdict === 'passed' ? '✓' : verdict === 'failed' ? '✗' : '·';
    return `${mark} exercise ${stage}, ${stageTitles[stage].padEnd(24)} ${`${passed} of ${of}`.padStart(9)} ${verdict === 'failed' ? 'passed' : verdict}`;
  });
}

function suites(judgement: Judgement): string[] {
  return judgement.suites.map(({ name, dialogues: all, ms }) => {
    const failed = all.filter(({ outcome }) => outcome === 'failed').length;
    const left = all.filter(({ outcome }) => outcome === 'not tested').length;
    const passed = all.length - failed - left;
    const counts = [
      [passed, 'passed'],
      [failed, 'failed'],
      [left, 'not tested'],
    ] as const;
    const some = counts.flatMap(([count, what]) => (count > 0 ? [`${count} ${what}`] : [])).join(', ');
    const outcome = passed === all.length ? 'all passed' : some;
    const mark = failed > 0 ? '✗' : left > 0 ? '·' : '✓';
    return `${mark} ${name.padEnd(9)}${String(all.length).padStart(6)} dialogues, ${outcome} (${(ms / 1000).toFixed(1)} s)`;
  });
}

function faults(judgement: Judgement): string[] {
  const found = faultsOf(judgement);
  if (found.length === 0) return [];
  return [
    'What it probably is:',
    ...found.flatMap(({ name, hint, results }, at) => {
      const [first] = results as [CheckResult, ...CheckResult[]];
      const story = at === 0 ? checkStoryOf(first).map((line) => `      ${line}`) : [`      ${messageOf(first)}`];
      const spoiled = results.reduce((sum, each) => sum + spoiledBy(each, judgement.checks), 0);
      const more = spoiled > 0 ? [`    Because of it, ${plural(spoiled, 'check')} could not be made.`] : [];
      return [`  ✗ ${name}`, `    ${hint}`, ...story, ...more];
    }),
  ];
}

/** Parts that are not there (yet): no fault, and nothing that needs them was tried. */
function missing({ checks }: Judgement): string[] {
  const results = checks.filter(({ outcome }) => outcome === 'not yet');
  if (results.length === 0) return [];
  return [
    'Not yet:',
    ...results.flatMap((result) => {
      const spoiled = spoiledBy(result, checks);
      const more = spoiled > 0 ? [`    ${plural(spoiled, 'check')} that need it were not made.`] : [];
      return [`  · ${result.check.rule}`, `    ${messageOf(result)}`, ...more];
    }),
  ];
}

function words({ otherWords }: Judgement): string[] {
  if (otherWords.length === 0) return [];
  return [
    'Other words than the dialect has (no fault; if they are meant, write a dialect: --learn FILE):',
    ...otherWords.map(
      ({ reply, expected, read }) => `  ${reply}: ${JSON.stringify(read)} in place of ${JSON.stringify(expected)}`,
    ),
  ];
}

function dialogues(judgement: Judgement): string[] {
  const groups = groupsOf(judgement);
  if (groups.length === 0) return [];
  const isKnown = faultsOf(judgement).length > 0;
  const shown = isKnown ? 1 : maxGroups;
  return [
    isKnown ? 'Dialogues that fail too, perhaps for the same reason:' : 'Dialogues that failed:',
    ...groups
      .slice(0, shown)
      .flatMap(({ heading, ids, failures }) => [
        `  ${heading} (${plural(failures.length, 'dialogue')})${ids && `   [${ids}]`}`,
        ...storyOf(failures[0] as (typeof failures)[number]).map((line) => `      ${line}`),
      ]),
    ...groups.slice(shown).map(({ heading, failures }) => `  ${heading} (${plural(failures.length, 'dialogue')})`),
  ];
}

function remarks({ checks }: Judgement): string[] {
  const fine = checks.filter(({ outcome }) => outcome === 'remark');
  const open = checks.filter(
    ({ outcome, reason }) => outcome === 'not tested' && !/^before that|^what is before/.test(reason ?? ''),
  );
  return [
    ...(fine.length > 0
      ? ['Finer rules that it does not keep (no fault; some count if the dialect says "strict": true):']
      : []),
    ...fine.map(({ fault }) => `  · ${fault?.name}`),
    ...(open.length > 0 ? ['Not tested:'] : []),
    ...open.map(({ check, reason }) => `  · ${check.rule} (${reason})`),
  ];
}

function verdict(judgement: Judgement): string[] {
  const { stage, checks } = judgement;
  if (stage !== undefined) {
    const failing = checks.find(isFailing)?.check.stage ?? stage;
    if (!isGood(judgement)) return [`Exercise ${failing} is not passed${onlyWords(judgement) ? why : ''}.`];
    const next = stage < 5 ? ` Next: exercise ${stage + 1}, ${stageTitles[(stage + 1) as 2]}.` : '';
    return [`Exercise ${stage} is passed.${next}`];
  }
  const coverage = judgement.suites.length > 0 ? [coverageInWords(judgement)] : [];
  if (onlyWords(judgement)) return [...coverage, `It is not finished${why}.`];
  return [...coverage, isGood(judgement) ? 'It speaks the protocol.' : 'It is not finished: see above.'];
}

const why = ', for other words than the dialect’s alone';

/** Nothing else keeps it from being good. */
function onlyWords(judgement: Judgement): boolean {
  return !isGood(judgement) && isGood({ ...judgement, otherWords: [] });
}
