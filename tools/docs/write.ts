/** `npm run docs`: writes what follows from the source: docs/options.md, tables of other pages, the sentences for Wireshark. */
import { readFileSync, writeFileSync } from 'node:fs';
import { wiresharkSentences } from '../wireshark/sentences.ts';
import { withEmbeddingOptions } from './embeddingOptions.ts';
import { withLimitsTable } from './limitsTable.ts';
import { optionsPage } from './optionsPage.ts';
import { withMenu } from './readmeMenu.ts';

writeFileSync(new URL('../../docs/options.md', import.meta.url), optionsPage());
writeFileSync(new URL('../wireshark/sentences.lua', import.meta.url), wiresharkSentences());
rewrite('operations.md', withLimitsTable);
rewrite('embedding.md', withEmbeddingOptions);

function rewrite(name: string, change: (page: string) => string): void {
  const file = new URL(`../../docs/${name}`, import.meta.url);
  writeFileSync(file, change(readFileSync(file, 'utf8')));
}

const readme = new URL('../../README.md', import.meta.url);
writeFileSync(readme, withMenu(readFileSync(readme, 'utf8')));
