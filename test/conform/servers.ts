/** The servers of `test/zoo/`, for tests: which there are, what each is called to be, and how one is started. */
import { execFileSync } from 'node:child_process';
import { onTestFinished } from 'vitest';
import { limits } from '../../src/config/limits.ts';
import type { Judgement } from '../../src/conform/judgement.ts';
import { type RunOptions, runSuites } from '../../src/conform/runSuites.ts';
import { ServerProcess } from '../../src/conform/serverProcess.ts';
import { readDialect } from '../../src/protocol/dialect.ts';
import type { ServerOptions } from '../../src/server/options.ts';
import type { Server } from '../../src/server/server.ts';
import { startTestServer } from '../support/testServer.ts';

export const zooDialect = 'test/zoo/dialect.json';

export const hasPython = (() => {
  try {
    execFileSync('python3', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

export interface ZooServer {
  readonly file: string;
  readonly name: string;
  /** Its own words for its fault: they begin with the fault's name. */
  readonly fault: string;
}

export function zooServers(): ZooServer[] {
  return ['bytes', 'ids', 'chats', 'rooms'].flatMap((file) => {
    const list = `import json, sys; sys.path.insert(0, "test/zoo"); import ${file}; print(json.dumps([[n, c.__doc__] for n, c in ${file}.ZOO.items()]))`;
    const rows = JSON.parse(execFileSync('python3', ['-B', '-c', list]).toString()) as [string, string | null][];
    return rows.map(([name, fault]) => ({ file, name, fault: fault ?? '' }));
  });
}

/** A server of ours with the limits that its dialect knows. */
export function startOurServer(options: ServerOptions = {}): Promise<Server> {
  const { askedPerMinute, declineWaitMs } = limits;
  return startTestServer({ askedPerMinute, declineWaitMs, ...options });
}

export async function startServer(command: string): Promise<number> {
  const server = await ServerProcess.start(`exec python3 -B ${command} {port}`);
  onTestFinished(() => server.stop());
  return server.port;
}

export function judge(
  port: number,
  options: Partial<Omit<RunOptions, 'dialect'>> & { dialect?: string; timeoutMs?: number },
): Promise<Judgement> {
  const { dialect = 'statechat', timeoutMs = 1000, ...rest } = options;
  return runSuites({
    ...{ target: { host: '127.0.0.1', port, timeoutMs }, dialect: readDialect(dialect), suites: [], connections: 16 },
    onProgress: () => {},
    ...rest,
  });
}
