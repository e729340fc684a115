/** A judgement as JUnit's XML, which continuous integration understands. Owns: its form. */
import { escapeMarkup } from '../../runtime/escape.ts';
import type { Judgement } from '../runSuites.ts';
import { storyOf } from './text.ts';

export function junitOf({ server, refusal, suites, faults }: Judgement): string {
  const cases = suites.map(({ name, dialogues, played, failures, ms }) => {
    const failed = failures.map(
      (failure, index) =>
        `<testcase classname="${name}" name="dialogue ${index + 1} that went otherwise"><failure message="${escapeXml(failure.expected)}">${escapeXml(storyOf(failure).join('\n'))}</failure></testcase>`,
    );
    const passed = `<testcase classname="${name}" name="${played - failures.length} of ${dialogues} dialogues as they should be" time="${(ms / 1000).toFixed(3)}"/>`;
    return `<testsuite name="${name}" tests="${failures.length + 1}" failures="${failures.length}" time="${(ms / 1000).toFixed(3)}">${[passed, ...failed].join('\n')}</testsuite>`;
  });
  const known = faults.map(
    ({ name, hint }) =>
      `<testcase classname="known faults" name="${escapeXml(name)}"><failure message="${escapeXml(hint)}"/></testcase>`,
  );
  if (refusal !== undefined)
    known.push(
      `<testcase classname="known faults" name="it can be judged"><failure message="${escapeXml(refusal)}"/></testcase>`,
    );
  cases.push(
    `<testsuite name="known faults" tests="${known.length}" failures="${known.length}">${known.join('\n')}</testsuite>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="${escapeXml(server)}">\n${cases.join('\n')}\n</testsuites>\n`;
}

/** XML knows no other control characters than these, not even escaped. */
function escapeXml(text: string): string {
  return escapeMarkup(text.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd]/g, '\ufffd'));
}
