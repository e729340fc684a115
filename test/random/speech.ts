/**
 * What users type, by the state in which they believe to be.
 *
 * Owns: the choice of words. Mostly what makes sense, sometimes anything, and texts that are hard to carry: other
 * scripts, characters that must be made visible, bytes that are no text, lines that are too long.
 */
import type { LineRefusal } from '../../src/transport/lineDecoder.ts';
import { menuOptions } from '../support/wireTexts.ts';
import type { Dice } from './choices.ts';
import { numberSign } from './dialogueTable.ts';

export const names = ['ann', 'ben', 'cat.1', 'dan_d', 'eve-2', 'Flo'] as const;

/** Those that only their password gets, in worlds with such ids. */
export const withPassword: readonly string[] = ['ann', 'flo'];

/** Users guess it now and then: so ids are taken over, again and again. */
export function passwordOf(id: string): string {
  return `${id.toLowerCase()}!`;
}

/** Short, so that a line that is too long is cheap. */
export const maxLineBytes = 80;

export interface Words {
  bytes: Buffer;
  /** What others read of it, or why none does. */
  sent: { shown: string } | { refusal: LineRefusal };
}

const badIds = ['-', 'server', '__proto__', 'two words', '', 'a:b', '4', 'Yes', 'x'.repeat(33), 'ünsal'];
const badTargets = ['nobody', '__proto__', '', 'exit', 'two words'];
/** Mostly the first, and never the second, which would end the session. */
const options = ['1', '1', '1', '1', '1', '3', ...menuOptions.slice(2), ' 1 ', '3\t'];
const badOptions = ['55', '', 'exit()', 'y', '11', '１'];
const answers = ['y', 'y', 'y', 'yes', ' Y', 'n', 'no', 'NO ', 'maybe', 'exit()'];
const anything = ['1', '3', '4', 'y', 'n', 'exit()', 'ann', 'ben', 'cat.1', '', 'hello'];
const exits = ['exit()', 'exit()', ' exit() ', 'exit()\t'];

/** What is typed, and how others see it. */
const texts: readonly (readonly [raw: string, shown: string])[] = [
  ...['hi', 'hey how are u?', '  two  blanks ', 'ann: I am ben', 'exit() now', 'Menu:', 'tab\there', ''].map(same),
  ...['שלום לכולם', 'čau žluť', '日本語', '👩‍👩‍👧 👍🏽', '𝒳 Ω', 'e\u0301'].map(same),
  ['\u001b[31mred', '␛[31mred'],
  ['bell\u0007\u009b', 'bell␇<U+009B>'],
  ['a\u202eb', 'a<U+202E>b'],
];
const notText = Buffer.from([0x68, 0xff, 0x61]);
const tooLong = Buffer.alloc(maxLineBytes + 2, 'é');

function same(text: string): readonly [string, string] {
  return [text, text];
}

/** Returns the next line of a user who believes to be in this state of the dialogue chart. */
export function nextWords(state: string, name: string, number: number, exactSpelling: boolean, dice: Dice): Words {
  if (dice.oneIn(100)) return { bytes: notText, sent: { refusal: 'lineNotUtf8' } };
  if (dice.oneIn(100)) return { bytes: tooLong, sent: { refusal: 'lineTooLong' } };
  if ((state === 'chatting' || state === 'commonRoom') && !dice.oneIn(10)) return numbered(number, dice);
  const text = dice.oneIn(25) ? dice.from(anything) : sensible(state, name, exactSpelling, dice);
  return text === undefined ? numbered(number, dice) : { bytes: Buffer.from(text), sent: { shown: text } };
}

function numbered(number: number, dice: Dice): Words {
  const [raw, shown] = dice.from(texts);
  return { bytes: Buffer.from(`${numberSign}${number} ${raw}`), sent: { shown: `${numberSign}${number} ${shown}` } };
}

function sensible(state: string, name: string, exactSpelling: boolean, dice: Dice): string | undefined {
  const spell = (id: string): string => (!exactSpelling && dice.oneIn(8) ? id.toUpperCase() : id);
  switch (state) {
    case 'connected':
    case 'identifying':
    case 'notAnId':
      if (dice.oneIn(8)) return dice.from(badIds);
      return dice.oneIn(8) ? spell(dice.from(names)) : name;
    case 'proving':
      return dice.oneIn(6) ? dice.from(anything) : passwordOf(dice.oneIn(2) ? name : dice.from(withPassword));
    case 'claiming':
    case 'proved':
    case 'backToMenu':
    case 'menu':
      if (dice.oneIn(40)) return '2';
      return dice.oneIn(12) ? dice.from(badOptions) : dice.from(options);
    case 'choseConnect':
    case 'naming':
      if (dice.oneIn(12)) return 'exit()';
      if (dice.oneIn(12)) return dice.from(badTargets);
      // All users ask the same one, so that requests meet.
      return spell(dice.oneIn(2) ? names[0] : dice.from(names));
    case 'asked':
    case 'unclear':
      return dice.from(answers);
    case 'asking':
    case 'impatient':
      return dice.oneIn(3) ? 'exit()' : undefined;
    case 'chatting':
    case 'commonRoom':
      return dice.from(exits);
    default:
      return undefined;
  }
}
