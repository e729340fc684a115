/**
 * A judgement as JUnit's XML, which continuous integration understands.
 *
 * Owns: its form. One case for each check and each dialogue, under the same names at every server and in every run.
 */
import { escapeMarkup } from '../../runtime/escape.ts';
import { isGood, type Judgement, titleOf } from '../judgement.ts';
import { isFailing } from '../runChecks.ts';
import { checkStoryOf, messageOf, stageTitles, storyOf } from './summary.ts';

interface Case {
  readonly name: string;
  readonly ms: number | undefined;
  readonly failure: { message: string; text: string } | undefined;
  /** Why it was not made; undefined if it was. */
  readonly skipped: string | undefined;
}

export function junitOf(judgement: Judgement): string {
  const { server, refusal, checks, suites } = judgement;
  const stages = [...new Set(checks.map(({ check }) => check.stage))];
  const xml = [
    suiteOf('server', [
      {
        ...{ name: 'it can be judged', ms: undefined, skipped: undefined },
        failure: refusal === undefined ? undefined : { message: refusal, text: refusal },
      },
      {
        ...{ name: 'it says what the dialect says', ms: undefined },
        failure: wordsOf(judgement),
        skipped: refusal === undefined ? undefined : 'it could not be judged',
      },
    ]),
    ...stages.map((stage) =>
      suiteOf(
        `exercise ${stage}: ${stageTitles[stage]}`,
        checks
          .filter(({ check }) => check.stage === stage)
          .map((result): Case => {
            const text = [result.fault?.name ?? '', result.fault?.hint ?? '', ...checkStoryOf(result)].join('\n');
            return {
              ...{ name: `${result.check.id}: ${result.check.rule}`, ms: result.ms },
              failure: isFailing(result) ? { message: `${result.fault?.name}: ${messageOf(result)}`, text } : undefined,
              skipped: result.outcome === 'not tested' ? (result.reason ?? '') : undefined,
            };
          }),
      ),
    ),
    ...suites.map(({ name, dialogues }) =>
      suiteOf(
        name,
        dialogues.map(({ dialogue, outcome, failure }): Case => {
          const text = failure && storyOf(failure).join('\n');
          return {
            ...{ name: titleOf(dialogue), ms: undefined },
            failure: failure && { message: messageOf(failure), text: text ?? '' },
            skipped: outcome === 'not tested' ? 'enough has failed before' : undefined,
          };
        }),
      ),
    ),
  ];
  const verdict = isGood(judgement) ? 'passed' : 'failed';
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="${escapeXml(`${server} ${verdict}`)}">\n${xml.join('\n')}\n</testsuites>\n`;
}

function wordsOf({ otherWords }: Judgement): Case['failure'] {
  const [first] = otherWords;
  if (first === undefined) return undefined;
  const text = otherWords.map(({ reply, expected, read }) => `${reply}: ${read} in place of ${expected}`).join('\n');
  return { message: `other words for ${first.reply}: ${JSON.stringify(first.read)}`, text };
}

function suiteOf(name: string, cases: readonly Case[]): string {
  const failures = cases.filter(({ failure }) => failure !== undefined).length;
  const skipped = cases.filter((each) => each.skipped !== undefined).length;
  const rows = cases.map((each) => {
    const time = each.ms === undefined ? '' : ` time="${(each.ms / 1000).toFixed(3)}"`;
    const head = `<testcase classname="${escapeXml(name)}" name="${escapeXml(each.name)}"${time}`;
    if (each.failure !== undefined)
      return `${head}><failure message="${escapeXml(oneLine(each.failure.message))}">${escapeXml(each.failure.text)}</failure></testcase>`;
    if (each.skipped !== undefined)
      return `${head}><skipped message="${escapeXml(oneLine(each.skipped))}"/></testcase>`;
    return `${head}/>`;
  });
  const counts = `tests="${cases.length}" failures="${failures}" errors="0" skipped="${skipped}"`;
  return `<testsuite name="${escapeXml(name)}" ${counts}>\n${rows.join('\n')}\n</testsuite>`;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

/** XML knows no other control characters than these, not even escaped. */
function escapeXml(text: string): string {
  return escapeMarkup(text.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd]/g, '\ufffd'));
}
