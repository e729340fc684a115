/**
 * A proposal for a dialect: what a server says to a few people in a short dialogue.
 *
 * Owns: the dialogue, and which of the texts is which reply. It guesses by the place in the dialogue alone, so the author of the
 * server should read the result. It is over in a few seconds at any server. Next: `listener.ts`, `../protocol/dialect.ts`.
 */
import { type Features, readDialect } from '../protocol/dialect.ts';
import { type Heard, Listener } from './listener.ts';
import type { Target, TestClient } from './testClient.ts';

export interface Learned {
  /** The dialect file. */
  readonly text: string;
  /** What was found out, one sentence each. */
  readonly notes: readonly string[];
  /** The sentences that were not said; they are left as they are in docs/protocol.md. */
  readonly notHeard: readonly string[];
}

/** What a server without a part never says. */
const partOf: Record<string, readonly string[]> = {
  chat: ['targetPrompt', 'refused.', 'stillWaiting', 'denied', 'youLeftChat', 'question', 'chatStarted', 'partnerLeft'],
  withdraw: ['youWithdrew', 'askerWithdrew'],
  room: ['roomJoined', 'roomCount', 'youLeftRoom', 'joinedRoom', 'leftRoom'],
  headCount: ['roomCount'],
  presence: ['joinedServer', 'disconnected'],
  farewell: ['farewell'],
  list: ['userRow'],
};

/** What only those read whose ids have passwords, and their partners. Nothing is learned, and nothing missed, of that. */
const aboutPasswords = ['proofPrompt', 'wrongPassword', 'chatResumed', 'partnerAway', 'partnerBack'];

export async function inferDialect(target: Target, onProgress: (what: string) => void = () => {}): Promise<Learned> {
  const listener = new Listener(target, onProgress);
  const features: Features = {
    ...readDialect('statechat').features,
    promptAgain: false,
    segments: false,
    strict: false,
    // Not tried: it would have to be asked often, and to wait.
    ...{ never: false, declineWait: false, askedPerMinute: null },
  };
  try {
    await converse(listener, features);
  } finally {
    await listener.leave();
  }
  const { replies, notes } = listener;
  const absent = Object.entries(partOf).flatMap(([part, names]) => (features[part as 'chat'] ? [] : names));
  const notHeard = Object.keys(readDialect('statechat').replies).filter(
    (name) =>
      !(name in replies) &&
      ![...absent, ...aboutPasswords, 'howToAnswer', 'neverHint'].some((each) => name.startsWith(each)),
  );
  const about = `Proposed by a short dialogue with ${target.host}:${target.port}.`;
  const dialect = { name: 'learned', about, features, replies };
  const parts = Object.keys(partOf).filter((part) => !features[part as 'chat']);
  const missing = parts.length > 0 ? [`It has no: ${parts.join(', ')}.`] : [];
  return { text: `${JSON.stringify(dialect, null, 2)}\n`, notes: [...notes, ...missing], notHeard };
}

async function converse(listener: Listener, features: Features): Promise<void> {
  const none = {
    chat: false,
    room: false,
    list: false,
    withdraw: false,
    presence: false,
    farewell: false,
    headCount: false,
  };
  listener.progress('ids and the menu');
  const ann = await meetMenu(listener);
  if (ann === undefined) {
    Object.assign(features, none);
    return;
  }
  await listener.keepNoOption(ann);
  const ben = await meetSecond(listener, features, ann);
  if (ben === undefined) return;
  const invalid = listener.replies.invalidOption;
  const four = await listener.say(ann, '4');
  features.list = four.reply !== '' && four.reply !== invalid;
  listener.progress('a request');
  features.chat = await requests(listener, features, ann, ben);
  if (!features.chat) features.withdraw = false;
  listener.progress('the common room');
  features.room = await room(listener, features, ann, ben);
  if (!features.room) features.headCount = false;
  if (features.list) await list(listener, features, ben);
  listener.progress('the end');
  await goodbye(listener, features, ann, ben);
}

/** Undefined if there is no menu. */
async function meetMenu(listener: Listener): Promise<TestClient | undefined> {
  const ann = await listener.connect('ann');
  const prompt = await listener.listen(ann, true);
  listener.keep('idPrompt', prompt);
  const other = await listener.connect('gus');
  await listener.listen(other, true);
  const wrong = await listener.say(other, `!${other.id}`);
  await other.leave();
  const { whole: first } = await listener.say(ann, ann.id);
  if (first === '' || first === wrong.whole || first === prompt.whole) {
    if (first !== '') listener.keep('idTaken', { ...wrong, reply: wrong.whole });
    return undefined;
  }
  listener.keepMenu(first);
  const rules = wrong.whole.endsWith(prompt.whole) ? wrong.whole.slice(0, -prompt.whole.length) : '';
  if (rules !== '') listener.keep('idRules', { ...wrong, reply: rules });
  return ann;
}

async function meetSecond(listener: Listener, features: Features, ann: TestClient): Promise<TestClient | undefined> {
  const ben = await listener.connect('ben');
  await listener.listen(ben, true);
  const taken = await listener.say(ben, ann.id);
  if (!listener.isMenu(taken.whole)) listener.keep('idTaken', taken);
  const { whole } = await listener.say(ben, ben.id);
  if (!listener.isMenu(whole)) return undefined;
  const notice = await listener.listen(ann);
  features.presence = notice.whole.includes('{ben}');
  if (features.presence) listener.keep('joinedServer', notice);
  return ben;
}

/** False if 1 asks nobody. */
async function requests(listener: Listener, features: Features, ann: TestClient, ben: TestClient): Promise<boolean> {
  const invalid = listener.replies.invalidOption;
  const prompt = await listener.say(ann, '1');
  if (prompt.reply === invalid || prompt.whole === '') return false;
  listener.keep('targetPrompt', prompt);
  listener.keepBack('refused.unknown', await listener.say(ann, `nobody${listener.suffix}`));
  await listener.say(ann, '1');
  listener.keepBack('refused.self', await listener.say(ann, ann.id));
  await listener.say(ann, '1');
  const atOnce = await listener.say(ann, ben.id, false);
  if (atOnce.whole !== '')
    listener.notes.push(`The asker reads ${JSON.stringify(atOnce.whole)} at once, which the page has not.`);
  const question = await listener.listen(ben, true);
  if (question.whole === '') return false;
  listener.keep('question', question);
  listener.keep('stillWaiting', await listener.say(ann, 'hello?'));
  const eve = await listener.enter('eve');
  await listener.say(eve, '1');
  listener.keepBack('refused.busy', await listener.say(eve, ben.id));
  listener.keepBack('denied', await listener.say(ben, 'n'));
  await listener.listen(ann, true);
  await chats(listener, eve, ann);
  await ends(listener, features, ben, eve);
  return true;
}

async function chats(listener: Listener, asker: TestClient, asked: TestClient): Promise<void> {
  const [eve, ann] = [await listener.inMenu(asker), await listener.inMenu(asked)];
  await listener.say(eve, '1');
  await listener.say(eve, ann.id, false);
  await listener.listen(ann, true);
  const started = await listener.say(ann, 'y');
  if (!listener.isAgain('question', started)) listener.keep('chatStarted', started);
  await listener.listen(eve, true);
  eve.send('some words\n');
  const { whole } = await listener.listen(ann, true);
  if (whole.includes('some words')) listener.keepText('line', whole.replace('some words', '{text}'));
  listener.keepBack('youLeftChat', await listener.say(eve, 'exit()'));
  listener.keepBack('partnerLeft', await listener.listen(ann, true));
}

/** How a request ends without an answer. */
async function ends(listener: Listener, features: Features, asker: TestClient, asked: TestClient): Promise<void> {
  let [ben, eve] = [await listener.inMenu(asker), await listener.inMenu(asked)];
  await listener.say(ben, '1');
  const named = await listener.say(ben, 'exit()');
  features.withdraw = named.reply === '' && listener.isMenu(named.whole);
  if (features.withdraw) {
    await listener.say(ben, '1');
    await listener.say(ben, eve.id, false);
    await listener.listen(eve, true);
    listener.keepBack('youWithdrew', await listener.say(ben, 'exit()'));
    listener.keepBack('askerWithdrew', await listener.listen(eve, true));
    [ben, eve] = [await listener.inMenu(ben), await listener.inMenu(eve)];
  }
  const dan = await listener.enter('dan');
  await listener.say(ben, '1');
  await listener.say(ben, dan.id, false);
  await listener.listen(dan, true);
  dan.hangUp();
  await dan.until(() => dan.hasEnded);
  listener.keepBack('refused.gone', await listener.listen(ben, true));
  if (features.withdraw) return;
  eve = await listener.inMenu(eve);
  const fay = await listener.enter('fay');
  await listener.say(fay, '1');
  await listener.say(fay, eve.id, false);
  await listener.listen(eve, true);
  fay.hangUp();
  const withdrew = await listener.listen(eve, true);
  if (withdrew.reply !== '') listener.keepBack('askerWithdrew', withdrew);
}

/** False if 3 leads nowhere. */
async function room(listener: Listener, features: Features, first: TestClient, second: TestClient): Promise<boolean> {
  const [ann, ben] = [await listener.inMenu(first), await listener.inMenu(second)];
  const joined = await listener.say(ann, '3');
  if (joined.whole === '' || joined.reply === listener.replies.invalidOption) return false;
  const [greeting = '', ...more] = joined.whole.split(/(?<=\n)/);
  listener.keepText('roomJoined', greeting);
  await listener.listen(ben);
  const [, ...others] = (await listener.say(ben, '3')).whole.split(/(?<=\n)/);
  features.headCount = more.length > 0 && others.length > 0;
  if (features.headCount) {
    const [alone = '', two = ''] = [more, others].map((lines) => lines.join('').replace(/\d+/, '{count}'));
    listener.keepText('roomCount', alone === two ? two : '{any}\n');
  }
  listener.keep('joinedRoom', await listener.listen(ann, true));
  listener.keepBack('youLeftRoom', await listener.say(ben, 'exit()'));
  listener.keep('leftRoom', await listener.listen(ann, true));
  return true;
}

/** Ann is in the room, ben looks. */
async function list(listener: Listener, features: Features, reader: TestClient): Promise<void> {
  const ben = await listener.inMenu(reader);
  if (features.chat) {
    const [gus, fay] = [await listener.enter('gus'), await listener.enter('fay')];
    await listener.say(gus, '1');
    await listener.say(gus, fay.id, false);
  }
  await listener.listen(ben);
  const { whole } = await listener.say(ben, '4');
  const row = (name: string): string => whole.split(/(?<=\n)/).find((line) => line.includes(`{${name}}`)) ?? '';
  const rows: [string, string][] = [
    ['userRow.free.you', 'ben'],
    ['userRow.free', 'eve'],
    ['userRow.inthecommonroom', 'ann'],
    ['userRow.busy', 'fay'],
  ];
  for (const [reply, name] of rows) if (row(name) !== '') listener.keepText(reply, row(name));
}

async function goodbye(listener: Listener, features: Features, first: TestClient, second: TestClient): Promise<void> {
  if (features.room) await listener.say(first, 'exit()');
  const [ann, ben] = [await listener.inMenu(first), await listener.inMenu(second)];
  await listener.listen(ben);
  const farewell: Heard = await listener.say(ann, '2', false);
  features.farewell = farewell.whole !== '';
  if (features.farewell) listener.keepText('farewell', '{any}\n');
  if (features.presence) listener.keep('disconnected', await listener.listen(ben, true));
}
