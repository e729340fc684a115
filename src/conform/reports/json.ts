/** A judgement as JSON, for programs. Owns: its form. */
import { isGood, type Judgement } from '../runSuites.ts';
import { coverageOf } from './summary.ts';

export function jsonOf(judgement: Judgement): string {
  const { server, dialect, refusal, suites, faults } = judgement;
  const whole = {
    server,
    dialect,
    isGood: isGood(judgement),
    refusal,
    suites,
    faults,
    coverage: coverageOf(judgement),
  };
  return `${JSON.stringify(whole, null, 2)}\n`;
}
