/**
 * Several people at one server: how they come to be in the menu, in a chat, in the common room.
 *
 * Owns: the usual ways there, every byte of which is read. Next: `user.ts`.
 */

import { connect, type Person } from './user.ts';
import {
  chatStarted,
  joinedRoom,
  joinedServer,
  menu,
  question,
  roomCount,
  roomEmpty,
  roomJoined,
  targetPrompt,
} from './wireTexts.ts';

/** These people, in the menu; those who are there already read of each newcomer. */
export async function gather<Ids extends string[]>(
  server: { port: number },
  ...ids: Ids
): Promise<{ [Index in keyof Ids]: Person }> {
  const people: Person[] = [];
  for (const id of ids) people.push(await join(server, id, people));
  return people as { [Index in keyof Ids]: Person };
}

/** One more person, in the menu; `readers` are there and read of it. */
export async function join(server: { port: number }, id: string, readers: Person[] = []): Promise<Person> {
  const person = await connect(server);
  await person.identify(id);
  for (const reader of readers) await reader.expect(joinedServer(id));
  return person;
}

export function questionFrom(asker: Person): string {
  return question(asker.name);
}

/** From the menu: the target reads the question, the asker waits. */
export async function ask(asker: Person, target: Person): Promise<void> {
  asker.choose(1);
  await asker.expect(targetPrompt);
  asker.say(target.name);
  await target.expect(questionFrom(asker));
}

/** From the menu: both are in a chat. */
export async function startChat(asker: Person, target: Person): Promise<void> {
  await ask(asker, target);
  target.accept();
  await asker.expect(chatStarted(target.name));
  await target.expect(chatStarted(asker.name));
}

/** From the menu: all are in the common room, which was empty. */
export async function enterRoom(...people: Person[]): Promise<void> {
  for (const [inside, person] of people.entries()) {
    person.choose(3);
    await person.expect(roomJoined);
    await person.expect(inside === 0 ? roomEmpty : roomCount(inside + 1));
    for (const other of people.slice(0, inside)) await other.expect(joinedRoom(person.name));
  }
}

/** Reads in the menu who is online. */
export async function expectOnline(reader: Person, ...rows: string[]): Promise<void> {
  reader.choose(4);
  await reader.expect(`${rows.map((row) => `${row}\n`).join('')}${menu}`);
}
