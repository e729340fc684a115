/**
 * Several people at one server: how they come to be in the menu, in a chat, in the common room.
 *
 * Owns: the usual ways there, every byte of which is read. Next: `person.ts`.
 */

import { connect, type Person } from './person.ts';
import { menu, targetPrompt } from './wireTexts.ts';

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
  for (const reader of readers) await reader.expect(`${id} joined the server.\n`);
  return person;
}

export function questionFrom(asker: Person): string {
  return `${asker.name} wants to chat with you. Accept? (y/n): `;
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
  await asker.expect(`Chat started with ${target.name}. Type exit() to leave.\n`);
  await target.expect(`Chat started with ${asker.name}. Type exit() to leave.\n`);
}

/** From the menu: all are in the common room, which was empty. */
export async function enterRoom(...people: Person[]): Promise<void> {
  for (const [inside, person] of people.entries()) {
    person.choose(3);
    await person.expect('Joined common room. Type exit() to leave.\n');
    await person.expect(inside === 0 ? 'Nobody else is here yet.\n' : `${inside + 1} people are here, you included.\n`);
    for (const other of people.slice(0, inside)) await other.expect(`${person.name} joined the common room.\n`);
  }
}

/** Reads in the menu who is online. */
export async function expectOnline(reader: Person, ...rows: string[]): Promise<void> {
  reader.choose(4);
  await reader.expect(`${rows.map((row) => `${row}\n`).join('')}${menu}`);
}
