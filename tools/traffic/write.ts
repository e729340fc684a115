/** `npm run traffic`: captures a dialogue and writes `docs/traffic.md`. */
import { writeFileSync } from 'node:fs';
import { captureTraffic } from './capture.ts';
import { trafficPage } from './page.ts';

writeFileSync(new URL('../../docs/traffic.md', import.meta.url), trafficPage(await captureTraffic()));
