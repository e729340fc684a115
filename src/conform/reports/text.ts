/**
 * A judgement as text for a terminal.
 *
 * Owns: its form. Failures are grouped by the transition that should have been taken, since one fault fails many dialogues.
 */

import type { Failure } from '../play.ts';
import { isGood, type Judgement } from '../runSuites.ts';
import { groupsOf, summaryOf } from './summary.ts';

/** Of each group so many are shown. */
const maxShown = 2;

export function textOf(judgement: Judgement): string {
  const { refusal, suites, faults } = judgement;
  if (refusal !== undefined) return `${judgement.server} can't be judged. ${refusal}\n`;
  const lines = suites.flatMap(({ name, dialogues, played, failures, ms }) => {
    const left = dialogues - played;
    const outcome = failures.length === 0 ? 'all passed' : `${failures.length} failed`;
    return `${failures.length === 0 ? '✓' : '✗'} ${name.padEnd(9)}${String(dialogues).padStart(6)} dialogues, ${outcome}${left > 0 ? `, ${left} not tested` : ''} (${(ms / 1000).toFixed(1)} s)`;
  });
  for (const [where, failures] of groupsOf(suites)) {
    lines.push('', `${where} (${failures.length} dialogues)`);
    for (const failure of failures.slice(0, maxShown)) lines.push(...storyOf(failure));
  }
  if (faults.length > 0) lines.push('', 'What it probably is:');
  for (const { name, hint } of faults) lines.push(`  ✗ ${name}`, `    ${hint}`);
  lines.push(
    '',
    summaryOf(judgement),
    isGood(judgement) ? 'It speaks the protocol.' : 'It does not speak the protocol.',
  );
  return `${lines.join('\n')}\n`;
}

/** What happened, and what should have come next. */
export function storyOf({ story, who, expected, read }: Failure): string[] {
  return [
    ...story.map((line) => `    ${line}`),
    `  ${who} should read: ${JSON.stringify(expected)}`,
    `  ${who} did read:    ${JSON.stringify(read)}`,
    '',
  ];
}
