/**
 * `npm run diagrams`: writes `diagrams/` from the charts. With `--check` it says what is out of date, and fails if
 * anything is.
 */
import { problemsIn, superfluousIn, writeFiles } from './diagramFiles.ts';
import { diagrams } from './diagrams.ts';

const folder = new URL('../../diagrams/', import.meta.url);
const options = process.argv.slice(2);

if (options.some((option) => option !== '--check')) {
  console.error('Usage: npm run diagrams [-- --check]');
  process.exitCode = 2;
} else {
  const files = await diagrams();
  const isCheck = options.length > 0;
  if (!isCheck) writeFiles(folder, files);
  const problems = isCheck ? problemsIn(folder, files) : superfluousIn(folder, files);
  for (const problem of problems) console.error(`diagrams/: ${problem}`);
  if (isCheck && problems.length > 0) process.exitCode = 1;
}
