/** In every decision that three users can ask for, the Lua decides what the directory in memory decides. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { library } from '../../src/cluster/luaLibrary.ts';
import {
  type Circle,
  circles,
  type DirectoryState,
  everyDecision,
  type Question,
  sessions,
} from '../decisions/directoryGraph.ts';
import { describeNeeding } from '../support/describeNeeding.ts';
import { hasRedis, RedisServer, type TestClient } from '../support/redisServer.ts';
import { difference, type Step, sessionOf } from './sequences.ts';

/** As long as possible, because each sequence begins with an empty Redis. */
const stepsAtOnce = 1000;

describeNeeding('redis-server', hasRedis, 'the directory in Redis', () => {
  let redis: RedisServer;
  let client: TestClient;

  beforeAll(async () => {
    redis = await RedisServer.start();
    client = await redis.client();
    await client.sendCommand(['FUNCTION', 'LOAD', 'REPLACE', library]);
  });
  afterAll(async () => {
    client?.destroy();
    await redis?.kill();
  });

  it.each(Object.entries<Circle>(circles))('decides what the one in memory decides: %s', async (name, circle) => {
    const states = everyDecision(circle);
    const decisions = states.reduce((sum, state) => sum + state.decisions.length, 0);
    let steps: Step[] = [];
    let played = 0;
    const play = async (): Promise<void> => {
      expect(await difference(client, steps, false, circle.askRules)).toBeUndefined();
      played += steps.length;
      steps = [];
    };
    for (const walk of states.flatMap(walksIn)) {
      steps.push(...walk);
      if (steps.length >= stepsAtOnce) await play();
    }
    await play();
    console.log(
      `the Lua decides as memory, ${name}: ${decisions} decisions in ${states.length} states, ${played} commands`,
    );
    expect(decisions).toBeGreaterThan(name === 'household' ? 5000 : 30_000);
  });
});

/** Walks through all decisions in a state. What changes nothing can be asked in one go; all sessions end after each. */
function walksIn(state: DirectoryState): Step[][] {
  const toStart: Question[] = [
    ...sessions.map((session): Question => ({ session, asked: { type: 'gone' } })),
    // After an hour nothing is kept in mind any more.
    { session: 'ann', asked: { type: 'time.passes', ms: 3_600_000 } },
  ];
  const silent = state.decisions.filter(({ after }) => after === state).map(({ question }) => question);
  const moving = state.decisions.filter(({ after }) => after !== state).map(({ question }) => question);
  const walks = [silent, ...moving.map((question) => [question])];
  return walks.map((questions) => [...state.way, ...questions, ...toStart].map(stepOf));
}

/** On the way there is one pairing at most, and in the end it is the latest. */
function stepOf({ session, asked }: Question): Step {
  const user = sessions.indexOf(session);
  if (asked.type === 'id.take' && sessions.includes(asked.doubted ?? '')) {
    return { user, what: { ...asked, doubted: sessionOf(sessions.indexOf(asked.doubted ?? '')) } };
  }
  if (!('pairingId' in asked)) return { user, what: asked };
  return { user, what: { type: asked.type, before: 2 - asked.pairingId } };
}
