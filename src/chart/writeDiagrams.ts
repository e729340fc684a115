/** `npm run diagrams`: writes `diagrams/` anew from the charts. */
import { writeFileSync } from 'node:fs';
import { diagrams } from './diagrams.ts';

for (const [name, text] of diagrams()) writeFileSync(new URL(`../../diagrams/${name}`, import.meta.url), text);
