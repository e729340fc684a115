/** `npm run docs`: writes what follows from the source anew, docs/options.md and the sentences for Wireshark. */
import { writeFileSync } from 'node:fs';
import { wiresharkSentences } from '../wireshark/sentences.ts';
import { optionsPage } from './optionsPage.ts';

writeFileSync(new URL('../../docs/options.md', import.meta.url), optionsPage());
writeFileSync(new URL('../wireshark/sentences.lua', import.meta.url), wiresharkSentences());
