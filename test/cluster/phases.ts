/**
 * Pairs of people in every phase of the dialogue, one of each pair at one server process, the other at another.
 *
 * Owns: how they get there, and what the one who is left reads when the other one's server is gone.
 */

import { connect, type User as Person } from '../support/user.ts';
import {
  askerWithdrew,
  chatStarted,
  joinedRoom,
  leftRoom,
  menu,
  partnerLeft,
  question,
  targetPrompt,
  userDisconnected,
} from '../support/wireTexts.ts';

export interface Pair {
  readonly phase: string;
  /** Connected to the first server. */
  readonly near: Person;
  /** Connected to the second one. */
  readonly far: Person;
  /** What the near one reads when the far one is gone. */
  readonly afterLoss: string;
}

type Place = { port: number };

const roomJoined = (count: number): string =>
  `Joined common room. Type exit() to leave.\n${count === 1 ? 'Nobody else is here yet.' : `${count} people are here, you included.`}\n`;

/** Two people who are online, `near` at one server and `far` at another. */
export async function twoPeople(near: Place, far: Place, name: string): Promise<[Person, Person]> {
  const people: [Person, Person] = [await connect(near), await connect(far)];
  await people[0].identify(`near-${name}`);
  await people[1].identify(`far-${name}`);
  return people;
}

export async function ask(asker: Person, target: Person): Promise<void> {
  asker.choose(1);
  await asker.expect(targetPrompt);
  asker.say(target.name);
  await target.expect(question(asker.name));
}

export async function chat(asker: Person, target: Person): Promise<void> {
  await ask(asker, target);
  target.accept();
  await target.expect(chatStarted(asker.name));
  await asker.expect(chatStarted(target.name));
}

export async function tellEachOther(one: Person, other: Person, text: string): Promise<void> {
  one.say(text);
  await other.expect(`${one.name}: ${text}\n`);
  other.say(`re: ${text}`);
  await one.expect(`${other.name}: re: ${text}\n`);
}

/** One joins the room, then another, who isn't told of the first: that announcement has reached every server before. */
export async function meetInRoom(placeOfOne: Place, one: Person, other: Person): Promise<void> {
  one.choose(3);
  await one.expect(roomJoined(1));
  await sentEverything(placeOfOne);
  other.choose(3);
  await other.expect(roomJoined(2));
  await one.expect(joinedRoom(other.name));
}

/** Resolves when all that a server has sent so far is in every inbox: the verdict for a new id comes after it. */
async function sentEverything(place: Place): Promise<void> {
  const fence = await connect(place);
  await fence.identify('fence');
  fence.hangUp();
}

export async function pairsInEveryPhase(near: Place, far: Place): Promise<Pair[]> {
  const pairs: Pair[] = [];
  const add = async (phase: string, afterLoss: (far: string) => string): Promise<[Person, Person]> => {
    const [one, other] = await twoPeople(near, far, phase);
    pairs.push({ phase, near: one, far: other, afterLoss: afterLoss(other.name) });
    return [one, other];
  };

  const [asking, asked] = await add('asks', () => `${userDisconnected}${menu}`);
  await ask(asking, asked);
  const [target, asker] = await add('asked', (far) => `\n${askerWithdrew(far)}${menu}`);
  await ask(asker, target);
  await chat(...(await add('chats', (far) => `${partnerLeft(far)}${menu}`)));
  await meetInRoom(near, ...(await add('room', leftRoom)));
  return pairs;
}
