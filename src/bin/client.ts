/**
 * `npm run client`: the bundled client's command line, and nothing else. The client begins in `src/client/client.ts`.
 */
import { runClient } from '../client/client.ts';
import { parseClientOptions } from '../client/options.ts';

process.exitCode = await runClient(parseClientOptions(process.argv.slice(2)), process);
