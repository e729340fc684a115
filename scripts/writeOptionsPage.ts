/** `npm run docs`: writes `docs/options.md` anew from the options. */
import { writeFileSync } from 'node:fs';
import { optionsPage } from './optionsPage.ts';

writeFileSync(new URL('../docs/options.md', import.meta.url), optionsPage());
