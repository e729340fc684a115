/**
 * A proposal for a dialect: what a server says to two people in a short dialogue.
 *
 * Owns: the dialogue, and which of the texts is which reply. It guesses by the place in the dialogue alone, so whoever has
 * written the server should read the result. Next: `../protocol/dialect.ts`.
 */
import { randomBytes } from 'node:crypto';
import { type Dialect, readDialect } from '../protocol/dialect.ts';
import { SetupError } from '../runtime/operatorError.ts';
import { Player, type Target } from './testClient.ts';

/** How many times as long a server may take for the first word of an answer. */
const patience = 8;

export interface Learned {
  /** The dialect file. */
  readonly text: string;
  /** What was found out, and what wasn't, one sentence each. */
  readonly notes: readonly string[];
}

export async function learnDialect(target: Target): Promise<Learned> {
  const suffix = randomBytes(3).toString('hex');
  const ids = ['ann', 'ben'].map((name) => name + suffix) as [string, string];
  const players: Player[] = [];
  const notes: string[] = [];
  const replies: Record<string, string> = {};
  const features: Dialect['features'] = { ...readDialect('statechat').features, promptAgain: false, segments: false };

  const connect = async (id: string): Promise<Player> => {
    const player = await Player.connect(id, target).catch((error: Error) => {
      throw new SetupError(`${target.host}:${target.port} can't be reached: ${error.message}.`);
    });
    players.push(player);
    return player;
  };
  /** Everything that comes until nothing more does, with names in place of ids. */
  const listen = async (player: Player, isSure = true): Promise<string> => {
    // Where something has to come, a slow server has more time for its first word than between two.
    for (let wait = 0; isSure && wait < patience && player.unread === ''; wait++)
      await player.until(() => player.unread !== '');
    await player.until(() => false);
    const text = player.unread;
    player.unread = '';
    return text.replaceAll(ids[0], '{id}').replaceAll(ids[1], '{id}');
  };
  const say = (player: Player, line: string, isSure = true): Promise<string> => {
    player.send(`${line}\n`);
    return listen(player, isSure);
  };
  const keep = (name: string, text: string): void => {
    if (text === '') notes.push(`Nothing was said where "${name}" was expected: left as it is in docs/protocol.md.`);
    else replies[name] = text;
  };

  try {
    const ann = await connect(ids[0]);
    keep('idPrompt', await listen(ann));
    const menu = await say(ann, ids[0]);
    keep('menu', menu);
    const withoutMenu = (text: string): string =>
      menu !== '' && text.endsWith(menu) ? text.slice(0, -menu.length) : text;
    keep('invalidOption', withoutMenu(await say(ann, 'x')));
    const ben = await connect(ids[1]);
    await listen(ben);
    keep('idTaken', await say(ben, ids[0]));
    await say(ben, ids[1]);
    const presence = await listen(ann, false);
    features.presence = presence !== '';
    if (features.presence) keep('joinedServer', presence);
    features.list = withoutMenu(await say(ann, '4')) !== (replies.invalidOption ?? '');
    keep('targetPrompt', await say(ann, '1'));
    keep('refused.unknown', withoutMenu(await say(ann, 'nobody')));
    await say(ann, '1');
    const waiting = await say(ann, ids[1], false);
    if (waiting !== '')
      notes.push(`Whoever asks reads ${JSON.stringify(waiting)} at once, which the protocol doesn't have.`);
    keep('question', await listen(ben));
    keep('stillWaiting', await say(ann, 'hello?'));
    keep('chatStarted', await say(ben, 'y'));
    await listen(ann);
    ann.send('some words\n');
    const line = await listen(ben);
    keep('line', line.replace('some words', '{text}'));
    keep('youLeftChat', withoutMenu(await say(ann, 'exit()')));
    keep('partnerLeft', withoutMenu(await listen(ben)));
    keep('roomJoined', (await say(ann, '3')).split('\n')[0]?.concat('\n') ?? '');
    await say(ben, '3');
    keep('joinedRoom', await listen(ann));
    keep('youLeftRoom', withoutMenu(await say(ben, 'exit()')));
    keep('leftRoom', await listen(ann));
    await say(ann, 'exit()');
    await say(ann, '1');
    features.withdraw = (await say(ann, 'exit()')) === menu;
    const taken = await say(ann, '2');
    keep('farewell', taken === '' ? '' : '{any}\n');
  } finally {
    for (const player of players) player.destroy();
  }
  const dialect = {
    name: 'learned',
    about: `Proposed by a short dialogue with ${target.host}:${target.port}.`,
    features,
    replies,
  };
  return { text: `${JSON.stringify(dialect, null, 2)}\n`, notes };
}
