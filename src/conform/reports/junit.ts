/** A judgement as JUnit's XML, which continuous integration understands. Owns: its form. */
import type { Judgement } from '../runSuites.ts';
import { storyOf } from './text.ts';

export function junitOf({ server, refusal, suites, faults }: Judgement): string {
  const cases = suites.map(({ name, dialogues, played, failures, ms }) => {
    const failed = failures.map(
      (failure, index) =>
        `<testcase classname="${name}" name="dialogue ${index + 1} that failed"><failure message="${escaped(failure.expected)}">${escaped(storyOf(failure).join('\n'))}</failure></testcase>`,
    );
    const passed = `<testcase classname="${name}" name="${played - failures.length} of ${dialogues} dialogues passed" time="${(ms / 1000).toFixed(3)}"/>`;
    return `<testsuite name="${name}" tests="${failures.length + 1}" failures="${failures.length}" time="${(ms / 1000).toFixed(3)}">${[passed, ...failed].join('\n')}</testsuite>`;
  });
  const known = faults.map(
    ({ name, hint }) =>
      `<testcase classname="known faults" name="${escaped(name)}"><failure message="${escaped(hint)}"/></testcase>`,
  );
  if (refusal !== undefined)
    known.push(
      `<testcase classname="known faults" name="it can be judged"><failure message="${escaped(refusal)}"/></testcase>`,
    );
  cases.push(
    `<testsuite name="known faults" tests="${known.length}" failures="${known.length}">${known.join('\n')}</testsuite>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="${escaped(server)}">\n${cases.join('\n')}\n</testsuites>\n`;
}

/** XML knows no other control characters than these, not even escaped. */
function escaped(text: string): string {
  const visible = text.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd]/g, '\ufffd');
  return visible.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
