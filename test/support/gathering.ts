/**
 * Several users at one server: how they get into the menu, a chat, the common room.
 *
 * Owns: the usual ways there. Every byte on the way is read. Next: `user.ts`.
 */

import { connect, type User } from './user.ts';
import {
  chatStarted,
  idPrompt,
  joinedRoom,
  joinedServer,
  menu,
  proofPrompt,
  question,
  roomCount,
  roomEmpty,
  roomJoined,
  targetPrompt,
} from './wireTexts.ts';

/** Brings these users into the menu. Those who are there already read of each newcomer. */
export async function gather<Ids extends string[]>(
  server: { port: number },
  ...ids: Ids
): Promise<{ [Index in keyof Ids]: User }> {
  const users: User[] = [];
  for (const id of ids) users.push(await join(server, id, users));
  return users as { [Index in keyof Ids]: User };
}

/** Brings one more user into the menu; `readers` are there and read of it. */
export async function join(server: { port: number }, id: string, readers: User[] = []): Promise<User> {
  const user = await connect(server);
  await user.identify(id);
  for (const reader of readers) await reader.expect(joinedServer(id));
  return user;
}

/** Gives an id at the first prompt, and its password, which is the id. */
export async function prove(user: User, id: string): Promise<User> {
  user.name = id;
  await user.expect(idPrompt);
  user.say(id);
  await user.expect(proofPrompt(id));
  user.say(id);
  return user;
}

export function questionFrom(asker: User): string {
  return question(asker.name);
}

/** From the menu: the target reads the question, and the asker waits. */
export async function ask(asker: User, target: User): Promise<void> {
  asker.choose(1);
  await asker.expect(targetPrompt);
  asker.say(target.name);
  await target.expect(questionFrom(asker));
}

/** From the menu: both are in a chat. */
export async function startChat(asker: User, target: User): Promise<void> {
  await ask(asker, target);
  target.accept();
  await asker.expect(chatStarted(target.name));
  await target.expect(chatStarted(asker.name));
}

/** From the menu: all are in the common room, which was empty. */
export async function enterRoom(...users: User[]): Promise<void> {
  for (const [inside, user] of users.entries()) {
    user.choose(3);
    await user.expect(roomJoined);
    await user.expect(inside === 0 ? roomEmpty : roomCount(inside + 1));
    for (const other of users.slice(0, inside)) await other.expect(joinedRoom(user.name));
  }
}

/** Reads in the menu which users are online. */
export async function expectOnline(reader: User, ...rows: string[]): Promise<void> {
  reader.choose(4);
  await reader.expect(`${rows.map((row) => `${row}\n`).join('')}${menu}`);
}
