/** `statechat connect`: the bundled client's command line, and nothing else. The client begins in `../client/client.ts`. */
import { runClient } from '../client/client.ts';
import { parseClientOptions } from './clientOptions.ts';

export async function run(args: string[]): Promise<void> {
  process.exitCode = await runClient(parseClientOptions(args), process);
}
