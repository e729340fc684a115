/**
 * A judgement as a page: one file, nothing from the network, in the reader's colours.
 *
 * Owns: the page. The chart in it is the drawn one, with its transitions coloured by what became of them.
 */
import { isGood, type Judgement } from '../runSuites.ts';
import { coverageOf, drawing, edgeInWords, groupsOf, summaryOf } from './summary.ts';
import { storyOf } from './text.ts';

const maxShown = 5;

export function htmlOf(judgement: Judgement): string {
  const { server, dialect, refusal, suites, faults } = judgement;
  const good = isGood(judgement);
  const verdict =
    refusal !== undefined ? 'can’t be judged' : good ? 'speaks the protocol' : 'does not speak the protocol';
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(server)} ${verdict}</title>
<style>${style}</style>
<main>
<header class="${good ? 'good' : 'bad'}">
<p>A judgement by dialogues that were generated from the statechart of the protocol</p>
<h1><code>${escaped(server)}</code> ${verdict}</h1>
<p>${refusal === undefined ? escaped(summaryOf(judgement)) : escaped(refusal)} Dialect: ${escaped(dialect)}.</p>
</header>
${refusal === undefined ? `${suitesOf(suites)}${faultsOf(faults)}${failuresOf(judgement)}${chartOf(judgement)}` : ''}
</main>
</html>
`;
}

function suitesOf(suites: Judgement['suites']): string {
  const rows = suites.map(({ name, dialogues, played, failures, ms }) => {
    const passed = played - failures.length;
    const share = (count: number): string => `${((100 * count) / Math.max(1, dialogues)).toFixed(1)}%`;
    return `<tr><th scope="row">${name}</th><td>${dialogues}</td><td>${passed}</td><td>${failures.length}</td><td>${dialogues - played}</td>
<td class="bar"><span class="ok" style="width:${share(passed)}"></span><span class="no" style="width:${share(failures.length)}"></span></td><td>${(ms / 1000).toFixed(1)} s</td></tr>`;
  });
  return `<section><h2>Dialogues</h2><div class="scroll"><table>
<thead><tr><th>suite</th><th>dialogues</th><th>passed</th><th>failed</th><th>not tested</th><th></th><th>time</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table></div></section>
`;
}

function faultsOf(faults: Judgement['faults']): string {
  if (faults.length === 0) return '';
  const cards = faults.map(({ name, hint }) => `<li><strong>${escaped(name)}</strong><p>${escaped(hint)}</p></li>`);
  return `<section><h2>What it probably is</h2><ul class="faults">${cards.join('')}</ul></section>\n`;
}

function failuresOf({ suites }: Judgement): string {
  const groups = groupsOf(suites).map(([where, failures], index) => {
    const stories = failures.slice(0, maxShown).map((failure) => `<pre>${escaped(storyOf(failure).join('\n'))}</pre>`);
    const more = failures.length > maxShown ? `<p>and ${failures.length - maxShown} more</p>` : '';
    return `<details${index === 0 ? ' open' : ''}><summary>${escaped(where)} <span>${failures.length}</span></summary>${stories.join('')}${more}</details>`;
  });
  return groups.length === 0 ? '' : `<section><h2>What failed</h2>${groups.join('\n')}</section>\n`;
}

/** The drawing with a rule for each transition. */
function chartOf(judgement: Judgement): string {
  const coverage = coverageOf(judgement);
  const rules = (['passed', 'failed', 'unreached'] as const).flatMap((kind) =>
    coverage[kind].map((edge) => `.judged [data-edge=${JSON.stringify(edge)}] tspan{fill:var(--${kind})}`),
  );
  const list = coverage.unreached.map((edge) => `<li>${escaped(edgeInWords(edge))}</li>`).join('');
  return `<section><h2>The chart</h2>
<p class="key"><span class="passed">passed</span> <span class="failed">failed</span> <span class="unreached">not tested</span></p>
<style>${rules.join('\n')}</style>
<div class="scroll judged">${drawing}</div>
<details><summary>Not tested <span>${coverage.unreached.length}</span></summary><p>They need time, the end of the server, or several servers.</p><ul>${list}</ul></details>
</section>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

const style = `
:root{color-scheme:light dark;--page:#f6f8fb;--card:#fff;--ink:#101828;--soft:#475467;--line:#d5dce6;--passed:#157f3d;--failed:#c81e1e;--unreached:#8a94a6;--good:#e6f6ec;--bad:#fdecec}
@media (prefers-color-scheme:dark){:root{--page:#0d1117;--card:#141a23;--ink:#f0f4fa;--soft:#b6c2d2;--line:#2b3646;--passed:#4ade80;--failed:#f87171;--unreached:#7b8798;--good:#10271a;--bad:#2e1618}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 Inter,system-ui,"Segoe UI",Helvetica,Arial,sans-serif}
main{max-width:1040px;margin:0 auto;padding:24px 16px 64px}
header{border-radius:14px;padding:20px 24px;border:1px solid var(--line)}
header.good{background:var(--good)}header.bad{background:var(--bad)}
header p{margin:0;color:var(--soft)}
h1{margin:.15em 0 .3em;font-size:clamp(1.4rem,4vw,2rem);line-height:1.2}
h2{margin:1.6em 0 .5em;font-size:1.25rem}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;background:var(--card);border:1px solid var(--line);border-radius:10px}
th,td{padding:8px 12px;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap;font-variant-numeric:tabular-nums}
th:first-child{text-align:left}thead th{color:var(--soft);font-weight:600;font-size:.85rem}
.bar{min-width:140px;width:40%}.bar span{display:inline-block;height:10px}
.bar .ok{background:var(--passed);border-radius:5px 0 0 5px}.bar .no{background:var(--failed)}
.faults{list-style:none;padding:0;display:grid;gap:12px}
.faults li{background:var(--card);border:1px solid var(--line);border-left:5px solid var(--failed);border-radius:10px;padding:12px 16px}
.faults p{margin:.25em 0 0;color:var(--soft)}
details{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:10px 16px;margin:10px 0}
summary{cursor:pointer;font-weight:600}summary span{color:var(--soft);font-weight:400;margin-left:.4em}
pre{overflow-x:auto;font-size:.82rem;line-height:1.45;border-top:1px solid var(--line);padding-top:10px;margin:10px 0 0}
.key span::before{content:"";display:inline-block;width:.8em;height:.8em;border-radius:3px;margin:0 .35em 0 1em;background:currentColor}
.key .passed{color:var(--passed)}.key .failed{color:var(--failed)}.key .unreached{color:var(--unreached)}
`;
