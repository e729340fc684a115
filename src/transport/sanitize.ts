/**
 * Makes text safe for any screen and any log.
 *
 * Owns: which characters of a user's text may reach another terminal as they are. What may not is made visible, never
 * cut, so nobody can hide that they sent it. Netcat users have no client to protect them: this is the only filter.
 */
import { visibleCharacter } from '../runtime/escape.ts';

/** Marks on one base character; real scripts need at most a handful, more smear over the lines above and below. */
const maxMarksPerBase = 8;

const plain = /^[\t\n\x20-\x7e]*$/;

/**
 * Characters that steer a terminal, reorder text or can't be seen, those that Unicode leaves unassigned (U+1D159 is a note
 * without a head), and marks in such numbers that they cover other lines.
 */
const suspicious =
  /(?![\t\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}\u{1d159}]|\p{M}{9}/u;
const unsafe = /(?![\t\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}\u{1d159}]/u;

const joiner = /^[\u200c\u200d]$/u;
const selector = /^[\ufe00-\ufe0f]$/u;
const mark = /^\p{M}$/u;
const pictograph = /^\p{Extended_Pictographic}$/u;
const emoji = /^[\p{Extended_Pictographic}\p{Emoji_Modifier}]$/u;

/** Scripts whose letters join or form clusters, so that a joiner between two of them changes what is read. */
const joiningScripts = [
  ...['Arabic', 'Syriac', 'Mongolian', 'Nko', 'Mandaic', 'Manichaean', 'Phags_Pa', 'Adlam', 'Hanifi_Rohingya'],
  ...['Sogdian', 'Psalter_Pahlavi', 'Devanagari', 'Bengali', 'Gurmukhi', 'Gujarati', 'Oriya', 'Tamil', 'Telugu'],
  ...['Kannada', 'Malayalam', 'Sinhala', 'Khmer', 'Myanmar', 'Tibetan', 'Balinese', 'Javanese', 'Sundanese', 'Hebrew'],
  ...['Grantha', 'Tirhuta', 'Newa', 'Sharada', 'Kaithi', 'Chakma', 'Meetei_Mayek', 'Limbu', 'Lepcha', 'Tai_Tham'],
  ...['Saurashtra', 'Cham', 'Brahmi'],
];
const joining = new RegExp(`^[${joiningScripts.map((script) => `\\p{scx=${script}}`).join('')}]$`, 'u');

/** What the selectors below U+FE0E tell variants of: ideographs, signs of mathematics, and letters of a few scripts. */
const varying = /^[\p{scx=Han}\p{Sm}\p{scx=Myanmar}\p{scx=Phags_Pa}\p{scx=Manichaean}\p{scx=Egyptian_Hieroglyphs}]$/u;

/** The same lines with every character that is unsafe on a screen replaced by one that shows it. */
export function sanitize(text: string): string {
  if (plain.test(text) || !suspicious.test(text)) return text;
  let safe = '';
  let marks = 0;
  /** What a joiner or a selector would belong to: the last character that was left as it is, if it can carry one. */
  let last = '';
  let hasSelector = false;
  const characters = [...text];
  for (const [index, character] of characters.entries()) {
    const next = characters[index + 1] ?? '';
    if (selector.test(character) && !hasSelector && takesSelector(last, character, next)) {
      safe += character;
      hasSelector = true;
    } else if (joiner.test(character) && takesJoiner(last, character, next)) {
      safe += character;
      last = '';
    } else if (unsafe.test(character) || (mark.test(character) && ++marks > maxMarksPerBase)) {
      safe += visibleCharacter(character);
      last = '';
    } else {
      safe += character;
      last = character;
      hasSelector = false;
      if (!mark.test(character)) marks = 0;
    }
  }
  return safe;
}

/** A keycap is a digit, the selector of emoji and U+20E3. */
function takesSelector(base: string, chosen: string, next: string): boolean {
  if (chosen !== '\ufe0e' && chosen !== '\ufe0f') return varying.test(base);
  return emoji.test(base) || (/^[0-9#*]$/.test(base) && next === '\u20e3');
}

/** Between two emoji, and behind letters and marks of the scripts that need it. */
function takesJoiner(base: string, character: string, next: string): boolean {
  if (joining.test(base)) return true;
  return character === '\u200d' && emoji.test(base) && pictograph.test(next);
}
