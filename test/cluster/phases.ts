/**
 * Pairs of users in every phase of the dialogue, one of each pair at one server process, the other at another one.
 *
 * Owns: how they get there, and what the user that is left reads when the other one's server is gone.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { connect, type User } from '../support/user.ts';
import {
  askerWithdrew,
  chatStarted,
  idPrompt,
  joinedRoom,
  leftRoom,
  menu,
  partnerLeft,
  question,
  roomCount,
  roomEmpty,
  roomJoined,
  targetPrompt,
  userDisconnected,
} from '../support/wireTexts.ts';

export interface Pair {
  readonly phase: string;
  /** Connected to the first server. */
  readonly near: User;
  /** Connected to the second one. */
  readonly far: User;
  /** What the near user reads when the far one is gone. */
  readonly afterLoss: string;
}

/** What a user reads who may have missed lines from another server. */
export const linesMissing = 'The connection between the servers was lost for a moment. Lines may be missing.\n';

type Place = { port: number };

/** Two users who are online, `near` at one server and `far` at another. */
export async function twoUsers(near: Place, far: Place, name: string): Promise<[User, User]> {
  const users: [User, User] = [await connect(near), await connect(far)];
  await users[0].identify(`near-${name}`);
  await users[1].identify(`far-${name}`);
  return users;
}

export async function ask(asker: User, target: User): Promise<void> {
  asker.choose(1);
  await asker.expect(targetPrompt);
  asker.say(target.name);
  await target.expect(question(asker.name));
}

export async function chat(asker: User, target: User): Promise<void> {
  await ask(asker, target);
  target.accept();
  await target.expect(chatStarted(asker.name));
  await asker.expect(chatStarted(target.name));
}

export async function exchangeLines(one: User, other: User, text: string): Promise<void> {
  one.say(text);
  await other.expect(`${one.name}: ${text}\n`);
  other.say(`re: ${text}`);
  await one.expect(`${other.name}: re: ${text}\n`);
}

/** One user joins the room, then another. Every server has the announcement of the first before the second joins. */
export async function meetInRoom(placeOfOne: Place, one: User, other: User): Promise<void> {
  one.choose(3);
  await one.expect(`${roomJoined}${roomEmpty}`);
  await sentEverything(placeOfOne);
  other.choose(3);
  await other.expect(`${roomJoined}${roomCount(2)}`);
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
  const add = async (phase: string, afterLoss: (far: string) => string): Promise<[User, User]> => {
    const [one, other] = await twoUsers(near, far, phase);
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

/** A new user claims an id again and again, until it is granted. */
export async function claimAtLast(place: Place, id: string): Promise<User> {
  for (;;) {
    const user = await connect(place);
    await user.expect(idPrompt);
    user.say(id);
    if ((await user.settle()).read.endsWith(menu)) {
      user.name = id;
      return user;
    }
    user.hangUp();
    await wait(50);
  }
}
