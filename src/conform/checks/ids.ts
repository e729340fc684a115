/**
 * Stage 2: who is who.
 *
 * Owns: the checks of ids.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestClient } from '../testClient.ts';
import type { Check } from './check.ts';
import { type Fault, Shown } from './findings.ts';
import type { ProbeSession } from './probeSession.ts';
import { menu, read } from './says.ts';

/** So many ids may be refused on one connection before a server may lose its patience. */
const maxRefusals = 3;
/** How many people claim one id at the same moment, and how often that is tried. */
const [claimants, races] = [6, 200];
/** How long all of it may take, in ms: a gap that is so rare costs no more than that. */
const racesMs = 1200;
/** How long those who keep the server busy wait for each answer, in ms. */
const busyMs = 40;

const endsConnection: Fault = {
  name: 'a line that is no id ends the connection',
  hint: 'Only the end of the connection ends it: recv() returning nothing, and not an empty line.',
};
const endOfConnection: Fault = {
  name: 'an id is not free at once when its connection ends',
  hint: 'When recv() returns nothing or fails, take the id out of every dictionary, before anything else.',
};

export const idChecks: readonly Check[] = [
  {
    ...{ id: 'menu', stage: 2, needs: ['answers'], isPart: true },
    rule: 'an id leads to the menu',
    name: 'an id does not lead to the menu',
    hint: 'An id that is free and has no other characters than the page allows leads to the menu.',
    async run(session) {
      const ann = await session.guest('ann');
      session.type(ann, ann.id);
      await session.hears(ann, menu);
    },
  },
  {
    ...{ id: 'id-taken', stage: 2, needs: ['menu'] },
    rule: 'an id that is in use is refused, and another one can be given',
    name: 'the same id twice',
    hint: 'Looking whether an id is free and taking it has to be one step, under one lock.',
    async run(session) {
      const [ann, other] = [await session.enter('ann'), await session.guest('eve')];
      session.type(other, ann.id);
      await session.hears(other, read('idTaken'));
      session.type(other, other.id);
      await session.expect(other, menu, {
        name: 'after a refused id no other one is taken',
        hint: 'A refused id leads back to the prompt: the next line is the next id.',
      });
    },
  },
  {
    ...{ id: 'id-letter-case', stage: 2, needs: ['id-taken'] },
    rule: 'ids that differ only in letter case are the same',
    name: 'ids that differ only in letter case are two people',
    hint: 'Look ids up in lower case, and keep the spelling that was given for what others read.',
    async run(session) {
      const [ann, other] = [await session.enter('ann'), await session.guest('eve')];
      session.type(other, ann.id.toUpperCase());
      await session.expect(other, read('idTaken'));
    },
  },
  {
    ...{ id: 'id-blanks', stage: 2, needs: ['id-taken'] },
    rule: 'blanks around an id are not part of it',
    name: 'blanks around an id are not cut off',
    hint: 'strip() the line before you look at it as an id.',
    async run(session) {
      const [ann, other] = [await session.guest('ann'), await session.guest('eve')];
      session.type(ann, `  ${ann.id} \t`);
      await session.expect(ann, menu);
      session.type(other, ann.id);
      await session.expect(other, read('idTaken'));
    },
  },
  {
    ...{ id: 'id-crlf', stage: 2, needs: ['id-taken', 'crlf-lines'] },
    rule: 'the CR of CR LF is not part of an id',
    name: 'the CR of CR LF stays in the line',
    hint: 'Telnet and Windows end lines with CR LF: cut the CR off with the LF.',
    async run(session) {
      const [ann, other] = [await session.guest('ann'), await session.guest('eve')];
      session.type(ann, ann.id, '\r\n');
      await session.expect(ann, menu);
      session.type(other, ann.id);
      await session.expect(other, read('idTaken'));
    },
  },
  {
    ...{ id: 'id-empty', stage: 2, needs: ['menu'] },
    rule: 'an empty line is no id, and is answered',
    name: 'an empty line is dropped',
    hint: 'An empty line is a line: only the end of the connection is none.',
    async run(session) {
      const ann = await session.guest('ann');
      for (const text of ['', '   ']) {
        session.type(ann, text);
        await refusesId(session, ann, {
          name: 'an empty id is accepted',
          hint: 'Look at the id after blanks are cut off: nothing is no id.',
        });
      }
      session.type(ann, ann.id);
      await session.expect(ann, menu);
    },
  },
  {
    ...{ id: 'id-characters', stage: 2, needs: ['menu'] },
    rule: 'an id with other characters is refused',
    name: 'an id with characters that are not allowed is accepted',
    hint: 'The whole id has to match [A-Za-z0-9][A-Za-z0-9._-]*: fullmatch(), not match(), and no isalnum(), which takes é.',
    async run(session) {
      const { suffix } = session;
      await refuses(session, [
        `a!${suffix}`,
        `a b${suffix}`,
        `-a${suffix}`,
        `.a${suffix}`,
        `é${suffix}`,
        `a:${suffix}`,
      ]);
    },
  },
  {
    ...{ id: 'id-allowed', stage: 2, needs: ['menu'] },
    rule: 'every id that the page allows is accepted',
    name: 'an id that the page allows is refused',
    hint: 'Letters, digits, dot, hyphen and underscore, the first one a letter or a digit; 1 to 32 of them.',
    async run(session) {
      for (const id of [`A.b_c-d${session.suffix}`, `7${session.suffix}`, session.id('ann').padEnd(32, 'x')]) {
        const ann = await session.guest('ann', id);
        session.type(ann, id);
        await session.expect(ann, menu);
      }
      const free = await oneCharacter(session);
      if (free === undefined) return;
      throw session.shown(free, 'the menu');
    },
  },
  {
    ...{ id: 'id-length', stage: 2, needs: ['menu'] },
    rule: 'an id of 33 characters is refused',
    name: 'an id of more than 32 characters is accepted',
    hint: 'An id has at most 32 characters; look at its length before you take it.',
    async run(session) {
      await refuses(session, [session.id('ann').padEnd(33, 'x'), session.id('ann').padEnd(64, 'x')]);
    },
  },
  {
    ...{ id: 'id-reserved', stage: 2, needs: ['menu'] },
    rule: 'what people type at prompts, and the names of the server and the menu, are no ids',
    name: 'a reserved word is accepted as an id',
    hint: 'Refuse server, menu, 1, 2, 3, 4, y, n, yes and no, in any letter case: they mean something else.',
    async run(session) {
      await refuses(session, ['1', '2', '3', '4', 'y', 'n', 'Yes', 'NO', 'server', 'Menu']);
    },
  },
  {
    ...{ id: 'id-reserved-all', stage: 2, needs: ['id-reserved'], isFine: true },
    rule: 'every reserved word of the page is no id',
    name: 'some reserved words are accepted as ids',
    hint: 'The page has a list of reserved words; each of them is refused, in any letter case.',
    async run(session) {
      const words = 'system lobby room admin administrator root operator moderator host everyone all you me help null';
      await refuses(session, [...words.split(' '), 'undefined', 'constructor', 'ADMIN']);
    },
  },
  {
    ...{ id: 'id-race', stage: 2, needs: ['id-taken'], isRace: true },
    rule: 'of people who claim one id at the same moment one gets it',
    name: 'two people get the same id at the same moment',
    hint: 'Looking whether an id is free and taking it has to be one step, under one lock.',
    run: race,
  },
  {
    ...{ id: 'id-free-hangup', stage: 2, needs: ['id-taken'], ...endOfConnection },
    rule: 'an id is free at once when its connection ends',
    run: (session) => freeAgain(session, (ann) => session.hangUp(ann)),
  },
  {
    ...{ id: 'id-free-quit', stage: 2, needs: ['id-free-hangup', 'quit'] },
    rule: 'an id is free at once when its user has quit',
    name: 'the id of somebody who has quit stays taken',
    hint: 'Quitting ends a session as a connection that ends does: take the id out of every dictionary.',
    run: (session) => freeAgain(session, (ann) => session.type(ann, '2')),
  },
  {
    ...{ id: 'id-free-reset', stage: 2, needs: ['id-free-hangup'] },
    rule: 'an id is free at once when its connection is reset (RST)',
    name: 'a connection that is reset (RST) leaves a ghost',
    hint: 'recv() does not only return nothing, it may also fail (ECONNRESET): clean up in a finally.',
    run: (session) => freeAgain(session, (ann) => session.reset(ann)),
  },
];

/** The answer to an id that is none: the rules, and the prompt again. */
async function refusesId(session: ProbeSession, client: TestClient, fault?: Fault): Promise<void> {
  const rules = `${session.inWords(read('idRules'))} and ${session.inWords(read('idPrompt'))}`;
  const came = await session.firstOf(client, [menu, read('idPrompt'), read('idTaken')]);
  if (came === undefined) throw session.shown(client, rules, client.hasEnded ? endsConnection : undefined);
  if (came !== 1) throw session.shown(client, rules, fault);
  await session.hears(client, read('idRules'));
  await session.expect(client, read('idPrompt'));
}

/** Each of these has to be refused; new connections, so that nobody loses patience. */
async function refuses(session: ProbeSession, ids: readonly string[]): Promise<void> {
  for (let at = 0; at < ids.length; at += maxRefusals) {
    const ann = await session.guest('ann');
    for (const id of ids.slice(at, at + maxRefusals)) {
      session.type(ann, id);
      await refusesId(session, ann);
    }
    await ann.leave();
  }
}

/** Some id of one character; somebody else may have one or the other. Returns a client that was refused all of them. */
async function oneCharacter(session: ProbeSession): Promise<TestClient | undefined> {
  for (const id of ['q', 'x', '8']) {
    const ann = await session.guest('ann', id);
    session.type(ann, id);
    if (await session.reads(ann, menu, 300)) return undefined;
    if (id === '8') return ann;
    await ann.leave();
  }
  return undefined;
}

async function freeAgain(session: ProbeSession, end: (client: TestClient) => void): Promise<void> {
  const ann = await session.enter('ann');
  end(ann);
  await ann.until(() => ann.hasEnded);
  await isFree(session, ann.id);
}

/** At once is within the time that a server may take for an answer: a reset has no end that could be waited for. */
export async function isFree(session: ProbeSession, id: string, fault?: Fault): Promise<void> {
  const begin = performance.now();
  const again = await session.guest('eve', id);
  for (let tries = 0; tries < maxRefusals; tries++) {
    session.type(again, id);
    if ((await session.firstOf(again, [menu, read('idTaken')])) === 0) return;
    await sleep(Math.max(50, session.target.timeoutMs / 3 - (performance.now() - begin) / 3));
    if (tries < maxRefusals - 1) session.forget(again);
  }
  throw session.shown(again, session.inWords(menu), fault);
}

/** Others keep the server busy meanwhile: a gap between looking and taking is wider then. */
async function race(session: ProbeSession): Promise<void> {
  const others = session.features.chat ? await session.enterAll('dan', 'fay', 'gus') : [];
  let isOver = false;
  const busy = others.map(async (client) => {
    while (!isOver && !client.hasEnded) {
      for (const text of ['1\n', 'nobody\n']) {
        const { length } = client.transcript;
        client.send(text);
        await client.until(() => client.transcript.length > length, busyMs);
      }
    }
  });
  try {
    const claims = Array.from({ length: claimants }, () => ({ client: undefined, refusals: 0 }));
    const end = performance.now() + racesMs;
    for (let round = 0; round < races && performance.now() < end; round++)
      await claimAtOnce(session, claims, `${session.id('ann')}r${round}`);
  } finally {
    isOver = true;
    await Promise.all(busy);
  }
}

/** Somebody who claims one id after the other. */
interface Claim {
  client: TestClient | undefined;
  refusals: number;
}

async function claimAtOnce(session: ProbeSession, claims: Claim[], id: string): Promise<void> {
  const ready = claims.map(async (claim) => {
    claim.client ??= await session.guest('ann', id);
    return claim.client;
  });
  const clients = await Promise.all(ready);
  for (const client of clients) client.send(`${id}\n`);
  const answers = await Promise.all(clients.map((client) => session.firstOf(client, [menu, read('idTaken')])));
  const winners = answers.filter((answer) => answer === 0);
  if (winners.length > 1) {
    const text = `the menu, all ${winners.length} at the same moment`;
    throw new Shown(`${winners.length} people with one id`, 'the menu, one of them', text);
  }
  for (const [at, claim] of claims.entries()) {
    if (claim.client !== undefined) session.forget(claim.client);
    if (answers[at] === 1 && ++claim.refusals < maxRefusals) continue;
    await claim.client?.leave();
    Object.assign(claim, { client: undefined, refusals: 0 });
  }
}
