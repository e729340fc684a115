/** The real server as a subject of generated suites, seen only through its sockets. */
import { afterAll, beforeAll, describe, it } from 'vitest';
import type { Input } from './alphabet.ts';
import { type Behaviour, readGolden } from './golden.ts';
import { TcpStage, type Transport } from './overTcp.ts';
import { expectAsReviewed } from './run.ts';
import type { Subject } from './subject.ts';
import type { Suite } from './suites.ts';

/** Enough to keep the server busy while each waits for its own step. */
const dialoguesAtOnce = 64;

export function describeOverTcp(
  suites: readonly Suite[],
  behaviour: Behaviour = readGolden(),
  transport: Transport = 'TCP',
): void {
  describe(`a session over ${transport} does as reviewed`, () => {
    let stage: TcpStage;
    let subjects: Subject[];

    beforeAll(async () => {
      stage = await TcpStage.start(transport);
      subjects = stage.subjects(dialoguesAtOnce);
    });

    afterAll(async () => {
      await Promise.all(subjects.map((subject) => subject.close()));
      await stage.stop();
    });

    it.each(suites.map((suite) => [suite.name, suite] as const))('%s', async (_, suite) => {
      // A WebSocket's text is valid UTF-8, or no text at all.
      const canSend = (input: Input): boolean => transport === 'TCP' || input.event.type !== 'line.refused';
      const sequences = suite.sequences.filter((sequence) => sequence.every(canSend));
      await expectAsReviewed(`over ${transport}`, { ...suite, sequences }, subjects, behaviour);
    });
  });
}
