/**
 * Runs a generated dialogue against a real server. Compares what each user reads, step by step, with what they read in
 * the charts' run, which the dialogue chart has judged.
 *
 * Many dialogues run on one server at once. So all users have different names, and lines about users of other dialogues
 * are left out.
 */
import { Composite } from '../system/composite.ts';
import type { Move } from '../system/moves.ts';
import { fin } from '../system/userSteps.ts';
import { type Dialogue, multiUserOptions } from './multiUserPaths.ts';
import type { Line, MultiUserServer } from './multiUserServers.ts';

let dialogues = 0;
const composite = new Composite(multiUserOptions);

/** Resolves with what went wrong; undefined if nothing did. */
export async function runDialogue(server: MultiUserServer, dialogue: Dialogue): Promise<string | undefined> {
  const suffix = `${++dialogues}`;
  const names = composite.names.map((name) => name + suffix);
  const rename = (text: string): string => text.replace(/\b(ann|ben)\b/g, `$1${suffix}`);
  const lines: Line[] = [];
  const said: string[] = [];
  let { state, read } = composite.initial();
  for (const user of composite.names.keys()) lines.push(await server.connect(user));
  /** The prompt that stands at each user's terminal. */
  const prompts = composite.names.map(() => '');
  /** Who has cut the connection reads no FIN. After a line that was refused, the prompt is shown again. */
  const compare = async (did: string, whoCut = -1, refused = -1): Promise<string | undefined> => {
    await server.settle(lines);
    said.push(did);
    for (const [user, line] of lines.entries()) {
      const seen = (text: string): string => tidy(user === whoCut ? text.replace(fin, '') : text, names);
      const text = (read[user] as string) + (user === refused ? prompts[user] : '');
      if (text !== '') prompts[user] = text.slice(text.lastIndexOf('\n') + 1);
      const expected = seen(rename(text));
      const actual = seen(line.read());
      if (actual) said.push(`    ${names[user]} reads ${JSON.stringify(actual)}`);
      if (actual !== expected) return `${said.join('\n')}\n    ${names[user]} should read ${JSON.stringify(expected)}`;
    }
    return undefined;
  };
  let wrong = await compare('connect');
  for (const move of dialogue.moves) {
    if (wrong) break;
    const waits = composite.charts(state, move.user).session.hasTag('waiting');
    const isCut = await make(server, lines, move, rename, waits);
    const outcome = composite.make(state, move);
    if (!outcome) throw new Error('the model refuses a move of its own');
    ({ state, read } = outcome);
    if (move.kind === 'types') prompts[move.user] = '';
    const did = `${names[move.user]} ${move.kind} ${rename(move.text ?? '')}`;
    wrong = await compare(did, isCut ? move.user : -1, move.kind === 'types no text' ? move.user : -1);
  }
  await leave(server, lines, state);
  return wrong;
}

/** Resolves with true if the user has cut the connection. */
async function make(
  server: MultiUserServer,
  lines: Line[],
  { user, kind, text = '' }: Move,
  rename: (text: string) => string,
  waits: boolean,
): Promise<boolean> {
  const line = lines[user] as Line;
  // The end of input waits for a verdict like any line; a connection that is cut doesn't.
  const cuts = kind === 'hangs up' && (waits || Number(line.session.replace(/\D/g, '')) % 2 === 0);
  if (kind === 'connects') lines[user] = await server.connect(user);
  else if (kind === 'types') line.type(rename(text));
  else if (kind === 'hangs up') line.hangUp(cuts ? 'rst' : 'fin');
  else if (kind === 'asks the lobby') server.directory.askNext(line.session);
  else if (kind === 'hears') server.directory.notifyNext(line.session);
  else if (kind === 'runs out of time') server.directory.expire(line.session);
  else if (kind === 'is evicted') server.directory.evict(line.session);
  else if (kind === 'asks in vain') server.directory.refuseUnchecked(line.session);
  else if (kind === 'types no text') line.typeNoText();
  else if (kind === 'meets a bug') server.send(line.session, { type: 'session.failed' });
  else if (kind === 'is unreachable') server.send(line.session, { type: 'limit.reached', limit: 'unreachable' });
  else if (kind === 'is too slow') server.send(line.session, { type: 'limit.reached', limit: 'idle' });
  else if (kind === 'is removed') server.send(line.session, { type: 'session.removed', why: '' });
  else server.send(line.session, { type: 'server.closing', isFinal: false });
  return cuts;
}

/** Lets all users leave, and the directory take what still waits, so that nothing is left for the next dialogue. */
async function leave(
  server: MultiUserServer,
  lines: readonly Line[],
  state: Parameters<Composite['charts']>[0],
): Promise<void> {
  for (const [user, line] of lines.entries()) {
    if (composite.charts(state, user).session.status === 'active') line.hangUp('rst');
  }
  await server.settle(lines);
  for (const line of lines) server.directory.drain(line.session);
}

/** Returns only the lines about these users, without the line feed that ends an interrupted prompt. */
function tidy(text: string, names: readonly string[]): string {
  const lines = text.replace(/^\n/, '').split('\n');
  const mine = lines.filter((line) => {
    const about = /^([a-z]+\d+)(?: joined| left| disconnected|: | \()/.exec(line)?.[1];
    return about === undefined || names.includes(about);
  });
  return mine
    .join('\n')
    .replace(/(Nobody else is here yet\.|\d+ people are here, you included\.)/, 'N people are here.')
    .replace(new RegExp(`^(?:${names.join('|')}) \\((?:free|busy|in the common room)\\)\\n`, 'gm'), '');
}
