/** The version of the package. Owns: where it is read. `dist/` has a package.json of its own, so that it is found there too. */
import { readFileSync } from 'node:fs';

export const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
