/** `npm run docs`: writes what follows from the source anew, docs/options.md, the table of limits and the sentences for Wireshark. */
import { readFileSync, writeFileSync } from 'node:fs';
import { wiresharkSentences } from '../wireshark/sentences.ts';
import { withLimitsTable } from './limitsTable.ts';
import { optionsPage } from './optionsPage.ts';

writeFileSync(new URL('../../docs/options.md', import.meta.url), optionsPage());
writeFileSync(new URL('../wireshark/sentences.lua', import.meta.url), wiresharkSentences());

const operations = new URL('../../docs/operations.md', import.meta.url);
writeFileSync(operations, withLimitsTable(readFileSync(operations, 'utf8')));
