/**
 * Which updates a directory may send to one session, by the rules of requests and verdicts in docs/protocol.md.
 *
 * Owns: the judgement if a correct directory could have sent the updates that the puppet has sent so far. Verdicts come
 * in the order of the commands, and in between other users come, ask, withdraw and leave at any moment. It follows
 * every explanation of the updates; when none is left, the puppet has lied. Knows nothing of charts or of texts.
 */
import type { SessionUpdate } from '../../machines/events.ts';
import { user } from './alphabet.ts';

/** An explanation: what the directory may know of the session, and the commands that it may not have taken yet. */
interface Explanation {
  readonly row: 'nobody' | 'menu' | 'requesting' | 'asking' | 'confirming' | 'chatting' | 'away' | 'commonRoom';
  /** The id of the user whom it asks, is asked by or chats with; empty if there is none. */
  readonly partner: string;
  readonly pairingId: number;
  readonly isPartnerAway?: boolean;
  readonly commands: readonly string[];
}

type Row = Explanation['row'];

const claims = /^id\.(claim|prove) /;

/** Commands for whose verdict a session waits. */
const contested =
  /^(id\.claim|id\.prove|menu\.leave|request\.(make|withdraw|accept|decline)|asker\.refuse|chat\.leave)/;

export class Contract {
  #explanations: Explanation[] = [{ row: 'nobody', partner: '', pairingId: 0, commands: [] }];

  /** Notes a command of the session. */
  commanded(command: string): void {
    this.#explanations = this.#explanations.map((it) => ({ ...it, commands: [...it.commands, command] }));
  }

  /** Notes an update of the puppet. */
  updated(update: SessionUpdate): void {
    const next = this.#explanations.flatMap(withSilentSteps).flatMap((it) => explain(it, update));
    const different = new Map(next.map((it) => [JSON.stringify(it), it]));
    this.#explanations = [...different.values()];
  }

  /** True as long as a correct directory could have sent all these updates. */
  get isKept(): boolean {
    return this.#explanations.length > 0;
  }

  /** True if a verdict may still come. */
  get owesVerdict(): boolean {
    return this.#explanations.some(({ commands }) => commands.some((command) => contested.test(command)));
  }
}

/** Returns the explanation itself, and those in which the directory has taken commands that have no verdict. */
function withSilentSteps(it: Explanation): Explanation[] {
  const [command = '', ...commands] = it.commands;
  const [type = '', what = ''] = command.split(' ');
  let silent: Explanation | undefined;
  if (type === 'menu.return') silent = { ...it, row: 'menu', commands };
  else if (type === 'request.withdraw' && it.row !== 'asking') silent = { ...it, commands };
  else if (/^(request\.accept|request\.decline|asker\.refuse)$/.test(type) && !isPaired(it, 'confirming', what)) {
    silent = { ...it, commands };
  } else if (type === 'chat.leave' && !isPaired(it, 'chatting', what)) silent = { ...it, commands };
  else if (type === 'chat.suspend') silent = { ...it, row: isPaired(it, 'chatting', what) ? 'away' : it.row, commands };
  return silent ? [it, ...withSilentSteps(silent)] : [it];
}

function isInChat({ row }: Explanation): boolean {
  return row === 'chatting' || row === 'away';
}

function isPaired({ row, pairingId }: Explanation, as: Row, number: string): boolean {
  return row === as && `#${pairingId}` === number;
}

/** Returns what the directory may know after it has sent this update; nothing if it could not send it. */
function explain(it: Explanation, update: SessionUpdate): Explanation[] {
  const [command = '', ...rest] = it.commands;
  const [type, what = ''] = command.split(' ');
  const result: Explanation[] = [];
  const unasked = (row: Row, partner = '', pairingId = 0) => result.push({ ...it, row, partner, pairingId });
  const answered = (row: Row, partner = '', pairingId = 0) => result.push({ row, partner, pairingId, commands: rest });
  const isMine = 'pairingId' in update && update.pairingId === it.pairingId;
  switch (update.type) {
    case 'id.granted':
      if (it.row !== 'nobody' || !claims.test(command) || what !== update.id) break;
      if (update.chat === undefined) answered('menu');
      else {
        // Proved by a password, or by a certificate, of which nobody asks.
        const { partnerId: partner, pairingId, isPartnerAway = false } = update.chat;
        result.push({ row: 'chatting', partner, pairingId, isPartnerAway, commands: rest });
      }
      break;
    case 'id.refused':
      if (type === 'id.prove' || (type === 'id.claim' && update.reason !== 'unproved')) answered(it.row);
      break;
    case 'proof.required':
      if (it.row === 'nobody' && command === `id.claim ${update.id}`) answered('nobody');
      break;
    case 'move.granted':
      if (it.row === 'menu' && command === `menu.leave ${update.to}`) answered(update.to);
      break;
    case 'move.refused':
      if (it.row === 'confirming' && type === 'menu.leave') answered(it.row, it.partner, it.pairingId);
      break;
    case 'request.received':
      if (it.row === 'menu') unasked('confirming', update.askerId, update.pairingId);
      break;
    case 'request.delivered':
      if (it.row === 'requesting' && type === 'request.make' && what.toLowerCase() !== user) {
        answered('asking', what, update.pairingId);
      }
      break;
    case 'request.refused':
      if (it.row === 'asking' && update.reason === 'gone') unasked('menu');
      if (it.row === 'requesting' && type === 'request.make' && update.reason !== 'gone') {
        if ((what.toLowerCase() === user) === (update.reason === 'self')) answered('menu');
      }
      break;
    case 'request.declined':
      if (isMine && it.row === 'asking' && !update.isRepeated) unasked('menu');
      if (!isMine || it.row !== 'confirming') break;
      if (command === `request.decline #${it.pairingId}`) answered('menu');
      if (command === `asker.refuse #${it.pairingId}` && !update.isRepeated) answered('menu');
      break;
    case 'request.expired':
      if (isMine && (it.row === 'asking' || it.row === 'confirming')) unasked('menu');
      break;
    case 'request.withdrawn':
      if (isMine && it.row === 'asking' && type === 'request.withdraw') answered('menu');
      if (isMine && it.row === 'confirming') unasked('menu');
      break;
    case 'chat.started': {
      if (it.partner.toLowerCase() !== update.partnerId.toLowerCase()) break;
      if (isMine && it.row === 'asking') unasked('chatting', update.partnerId, update.pairingId);
      const accepts = command === `request.accept #${it.pairingId}`;
      if (isMine && it.row === 'confirming' && accepts) answered('chatting', update.partnerId, update.pairingId);
      break;
    }
    case 'chat.ended':
      if (!isMine || !isInChat(it)) break;
      unasked('menu');
      if (command === `chat.leave #${it.pairingId}`) answered('menu');
      break;
    case 'partner.away':
    case 'partner.back':
      if (!isMine || !isInChat(it) || (it.isPartnerAway ?? false) !== (update.type === 'partner.back')) break;
      result.push({ ...it, isPartnerAway: update.type === 'partner.away' });
      break;
    case 'away.ended':
      if (it.row === 'away') unasked('away', it.partner, it.pairingId);
      break;
    case 'session.evicted':
      if (it.row !== 'nobody') unasked('nobody');
      break;
    case 'session.removed':
    case 'server.closing':
    case 'limit.reached':
    case 'session.failed':
      unasked(it.row, it.partner, it.pairingId);
      break;
  }
  return result;
}
