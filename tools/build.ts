/**
 * `npm run build`: the package's program, in `dist/`.
 *
 * Owns: that nothing old is left there. Next: `compile.ts`.
 * Why only the package is compiled: decision 17, docs/decisions/0017-the-package-is-compiled-a-checkout-is-not.md.
 */
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compileTo } from './compile.ts';

const dist = fileURLToPath(new URL('../dist', import.meta.url));

rmSync(dist, { recursive: true, force: true });
compileTo(dist);
