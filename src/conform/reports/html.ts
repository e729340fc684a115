/**
 * A judgement as a page: one file, nothing from the network, in the reader's colours.
 *
 * Owns: the page. The chart in it is the drawn one, with its transitions coloured by what became of them. Next: `style.ts`.
 */
import { escapeMarkup } from '../../runtime/escape.ts';
import { faultsOf, isGood, type Judgement, scoresOf } from '../judgement.ts';
import type { CheckResult } from '../runChecks.ts';
import { style } from './style.ts';
import {
  checkStoryOf,
  coverageInWords,
  coverageOf,
  drawing,
  edgeInWords,
  groupsOf,
  messageOf,
  plural,
  spoiledBy,
  stageTitles,
  storyOf,
} from './summary.ts';

/** Of each group of failed dialogues so many are told. */
const maxShown = 3;

export function htmlOf(judgement: Judgement): string {
  const { server, dialect, refusal } = judgement;
  const good = isGood(judgement);
  const title = refusal !== undefined ? 'can’t be judged' : verdictOf(judgement);
  const parts = [scores, faults, missing, words, dialogues, remarks, suites, chart];
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeMarkup(server)} ${title}</title>
<style>${style}</style>
<main>
<header class="${good ? 'good' : 'bad'}">
<p><code>${escapeMarkup(server)}</code>, dialect ${escapeMarkup(dialect)}</p>
<h1>${title}</h1>
<p>${escapeMarkup(refusal ?? leadOf(judgement))}</p>
</header>
${refusal === undefined ? parts.map((part) => part(judgement)).join('') : ''}
</main>
</html>
`;
}

function verdictOf(judgement: Judgement): string {
  const { stage } = judgement;
  if (stage !== undefined) return `Exercise ${stage} is ${isGood(judgement) ? '' : 'not '}passed`;
  if (isGood(judgement)) return 'It speaks the protocol';
  const faults = faultsOf(judgement).length;
  return faults > 0 ? `${plural(faults, 'fault')} found` : 'It is not finished';
}

/** The first failure, in one sentence. */
function leadOf(judgement: Judgement): string {
  const [first] = faultsOf(judgement);
  if (first !== undefined) return `First: ${first.name}.`;
  const missing = judgement.checks.find(({ outcome }) => outcome === 'not yet');
  if (missing !== undefined) return `Not yet: ${missing.check.rule}.`;
  const [group] = groupsOf(judgement);
  if (group !== undefined) return `First: ${group.heading}.`;
  return judgement.otherWords.length > 0 ? 'It says some things in other words.' : 'Everything that was tried passed.';
}

function scores(judgement: Judgement): string {
  const rows = scoresOf(judgement).map(({ stage, passed, of, verdict }) => {
    const share = ((100 * passed) / Math.max(1, of)).toFixed(1);
    const failed = verdict === 'failed' || verdict === 'not yet';
    const bar = `<span class="bar"><span class="${failed ? 'part' : 'ok'}" style="width:${share}%"></span></span>`;
    return `<li class="${verdict.replace(' ', '-')}"><span class="title"><b>${stage}</b> ${stageTitles[stage]}</span>${bar}<span class="score">${passed} of ${of}</span><span class="mark">${verdict}</span></li>`;
  });
  return `<section><h2>Exercises</h2><ul class="scores">${rows.join('\n')}</ul></section>\n`;
}

function faults(judgement: Judgement): string {
  const cards = faultsOf(judgement).map(({ name, hint, results }, at) => {
    const [first] = results as [CheckResult, ...CheckResult[]];
    const spoiled = results.reduce((sum, each) => sum + spoiledBy(each, judgement.checks), 0);
    const more = spoiled > 0 ? `<p>Because of it, ${plural(spoiled, 'check')} could not be made.</p>` : '';
    const ids = results.map(({ check }) => check.id).join(', ');
    return `<li><strong>${escapeMarkup(name)}</strong><p>${escapeMarkup(hint)}</p>${story(checkStoryOf(first), at === 0)}${more}<small>${escapeMarkup(ids)}</small></li>`;
  });
  return cards.length === 0
    ? ''
    : `<section><h2>What it probably is</h2><ul class="cards">${cards.join('')}</ul></section>\n`;
}

function missing({ checks }: Judgement): string {
  const cards = checks
    .filter(({ outcome }) => outcome === 'not yet')
    .map((result) => {
      const spoiled = spoiledBy(result, checks);
      const more = spoiled > 0 ? `<p>${plural(spoiled, 'check')} that need it were not made.</p>` : '';
      return `<li class="calm"><strong>${escapeMarkup(result.check.rule)}</strong><p>${escapeMarkup(messageOf(result))}</p>${more}<small>${result.check.id}</small></li>`;
    });
  return cards.length === 0 ? '' : `<section><h2>Not yet</h2><ul class="cards">${cards.join('')}</ul></section>\n`;
}

function words({ otherWords }: Judgement): string {
  if (otherWords.length === 0) return '';
  const rows = otherWords.map(
    ({ reply, expected, read }) =>
      `<tr><th scope="row">${escapeMarkup(reply)}</th><td><code>${escapeMarkup(JSON.stringify(read))}</code></td><td><code>${escapeMarkup(JSON.stringify(expected))}</code></td></tr>`,
  );
  return `<section><h2>Other words</h2><p>These are no faults. If they are meant, write a dialect: <code>--learn FILE</code>.</p>
<div class="scroll"><table class="left"><thead><tr><th>sentence</th><th>it says</th><th>the dialect has</th></tr></thead><tbody>${rows.join('')}</tbody></table></div></section>\n`;
}

function dialogues(judgement: Judgement): string {
  const groups = groupsOf(judgement).map(({ heading, ids, failures }, index) => {
    const stories = failures.slice(0, maxShown).map((failure) => `<pre>${lines(storyOf(failure))}</pre>`);
    const more = failures.length > maxShown ? `<p>and ${failures.length - maxShown} more</p>` : '';
    const open = index === 0 && faultsOf(judgement).length === 0 ? ' open' : '';
    return `<details${open}><summary>${escapeMarkup(heading)} <span>${plural(failures.length, 'dialogue')}</span></summary>${stories.join('')}${more}<small>${escapeMarkup(ids)}</small></details>`;
  });
  return groups.length === 0 ? '' : `<section><h2>Dialogues that failed</h2>${groups.join('\n')}</section>\n`;
}

function remarks({ checks }: Judgement): string {
  const fine = checks.filter(({ outcome }) => outcome === 'remark');
  if (fine.length === 0) return '';
  const rows = fine.map(
    (result) => `<li>${escapeMarkup(result.fault?.name ?? '')} <small>${result.check.id}</small></li>`,
  );
  return `<section><details><summary>Finer rules that it does not keep <span>${fine.length}</span></summary><p>They count if the dialect says <code>"strict": true</code>.</p><ul>${rows.join('')}</ul></details></section>\n`;
}

function suites(judgement: Judgement): string {
  if (judgement.suites.length === 0) return '';
  const rows = judgement.suites.map(({ name, dialogues: all, ms }) => {
    const count = (wanted: string): number => all.filter(({ outcome }) => outcome === wanted).length;
    const share = (of: number): string => `${((100 * of) / Math.max(1, all.length)).toFixed(1)}%`;
    const [passed, failed] = [count('passed'), count('failed')];
    return `<tr><th scope="row">${name}</th><td>${all.length}</td><td>${passed}</td><td>${failed}</td><td>${all.length - passed - failed}</td>
<td class="wide"><span class="bar"><span class="ok" style="width:${share(passed)}"></span><span class="no" style="width:${share(failed)}"></span></span></td><td>${(ms / 1000).toFixed(1)} s</td></tr>`;
  });
  return `<section><h2>Generated dialogues</h2><div class="scroll"><table>
<thead><tr><th>suite</th><th>dialogues</th><th>passed</th><th>failed</th><th>not tested</th><th></th><th>time</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table></div></section>
`;
}

/** The drawing with a rule for each transition. */
function chart(judgement: Judgement): string {
  if (judgement.suites.length === 0) return '';
  const coverage = coverageOf(judgement);
  const rules = (['passed', 'failed', 'unreached'] as const).flatMap((kind) =>
    coverage[kind].map((edge) => `.judged [data-edge=${JSON.stringify(edge)}] tspan{fill:var(--${kind})}`),
  );
  const list = coverage.unreached.map((edge) => `<li>${escapeMarkup(edgeInWords(edge))}</li>`).join('');
  return `<section><h2>The chart</h2>
<p>${coverageInWords(judgement)}</p>
<p class="key"><span class="passed">passed</span> <span class="failed">failed</span> <span class="unreached">not tested</span></p>
<style>${rules.join('\n')}</style>
<div class="scroll judged">${drawing}</div>
<details><summary>Not tested <span>${coverage.unreached.length}</span></summary><p>They need time, the end of the server, or several servers, or come after something that failed.</p><ul>${list}</ul></details>
</section>`;
}

/** A dialogue to be opened, the last two lines of which say what should have come and what came. */
function story(told: readonly string[], isOpen: boolean): string {
  if (told.length === 0) return '';
  return `<details class="story"${isOpen ? ' open' : ''}><summary>The dialogue</summary><pre>${lines(told)}</pre></details>`;
}

function lines(told: readonly string[]): string {
  return told
    .map((line, at) => (at < told.length - 2 ? escapeMarkup(line) : `<b>${escapeMarkup(line)}</b>`))
    .join('\n');
}
