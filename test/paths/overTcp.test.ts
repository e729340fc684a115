/** The real server passes all suites, seen only through its sockets. */
import { afterAll, beforeAll, describe, it, vi } from 'vitest';
import { generatedSuites } from './coverage.ts';
import { readGolden } from './golden.ts';
import { TcpStage } from './overTcp.ts';
import { expectAsReviewed } from './run.ts';
import type { Subject } from './subject.ts';

// XState's development build mentions every event to an actor that has ended, and connections do end after that.
vi.spyOn(console, 'warn').mockImplementation(() => {});

/** Enough to keep the server busy while each waits for its own step. */
const dialoguesAtOnce = 64;

describe('a session over TCP does as reviewed', () => {
  let stage: TcpStage;
  let subjects: Subject[];

  beforeAll(async () => {
    stage = await TcpStage.start();
    subjects = stage.subjects(dialoguesAtOnce);
  });

  afterAll(async () => {
    await Promise.all(subjects.map((subject) => subject.close()));
    await stage.stop();
  });

  const named = generatedSuites().map((suite) => [suite.name, suite] as const);

  it.each(named)('%s', { timeout: 30_000 }, async (_, suite) => {
    await expectAsReviewed('over TCP', suite, subjects, readGolden());
  });
});
