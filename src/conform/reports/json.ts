/** A judgement as JSON, for programs. Owns: its form. */
import { faultsOf, isGood, type Judgement, scoresOf, titleOf } from '../judgement.ts';
import { coverageOf } from './summary.ts';

export function jsonOf(judgement: Judgement): string {
  const { server, dialect, stage, refusal, otherWords } = judgement;
  const whole = {
    ...{ server, dialect, stage, isGood: isGood(judgement), refusal, scores: scoresOf(judgement) },
    faults: faultsOf(judgement).map(({ name, hint, results }) => ({
      ...{ name, hint },
      checks: results.map(({ check }) => check.id),
    })),
    otherWords,
    checks: judgement.checks.map(({ check, outcome, fault, who, expected, read, reason, story, ms }) => ({
      ...{ id: check.id, stage: check.stage, rule: check.rule, outcome, fault, who, expected, read, reason },
      ...{ story, ms: Math.round(ms) },
    })),
    suites: judgement.suites.map(({ name, dialogues, ms }) => ({
      name,
      dialogues: dialogues.length,
      played: dialogues.filter(({ outcome }) => outcome !== 'not tested').length,
      failures: dialogues.flatMap(({ dialogue, failure }) =>
        failure ? [{ title: titleOf(dialogue), ...failure }] : [],
      ),
      ms: Math.round(ms),
    })),
    coverage: coverageOf(judgement),
  };
  return `${JSON.stringify(whole, null, 2)}\n`;
}
