/** What a program that embeds the server may give, and that docs/embedding.md lists all of it. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { limits } from '../../src/config/limits.ts';
import type { ServerOptions } from '../../src/server/options.ts';
import { startServer } from '../../src/server/server.ts';
import { withEmbeddingOptions } from '../../tools/docs/embeddingOptions.ts';

const page = readFileSync('docs/embedding.md', 'utf8');

describe('docs/embedding.md', () => {
  it('has its table of options up to date (npm run docs writes it)', () => {
    expect(withEmbeddingOptions(page)).toBe(page);
  });

  it('lists every limit, those too that the command line does not have', () => {
    for (const [name, value] of Object.entries(limits)) {
      expect(page).toMatch(new RegExp(`^\\| \`${name}\` \\| (ms|bytes)? *\\| \`${value}\` \\| [^|]+ \\|$`, 'm'));
    }
  });

  it('names every member of the server', async () => {
    const server = await startServer({ port: 0 });
    await server.stop();
    for (const name of Object.keys(server)) expect(page).toMatch(new RegExp(`^\\| .*\`${name}(\\(\\))?\`.* \\| `, 'm'));
  });
});

describe('startServer', () => {
  it.each([
    [{ ratelimit: 5 }, "startServer has no option 'ratelimit'. (Did you mean 'rateLimit'?)"],
    [
      { port: 0, 'max-connections': 5 },
      "startServer has no option 'max-connections'. (Did you mean 'maxConnections'?)",
    ],
    [{ idTimeout: 5 }, "startServer has no option 'idTimeout'. (Did you mean 'idTimeoutMs'?)"],
    [{ viewer: 0 }, "startServer has no option 'viewer'. (Did you mean 'viewerPort'?)"],
    [{ logLevel: 'info' }, "startServer has no option 'logLevel'. docs/embedding.md lists them."],
    [{ workers: undefined }, "startServer has no option 'workers'. docs/embedding.md lists them."],
    [{ toString: 1 }, "startServer has no option 'toString'. docs/embedding.md lists them."],
  ])('refuses %j, and names the nearest option', async (options, message) => {
    await expect(startServer(options as ServerOptions)).rejects.toThrow(new TypeError(message));
  });

  it('takes undefined for the default', async () => {
    const server = await startServer({ port: 0, tlsCert: undefined, viewerPort: undefined, redis: undefined });
    expect(server).toMatchObject({ tlsPort: undefined, viewer: undefined });
    await server.stop();
  });
});
