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

/** Characters that steer a terminal, reorder text or can't be seen, and marks in such numbers that they cover other lines. */
const suspicious =
  /(?![\t\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]|\p{M}{9}/u;
const unsafe = /(?![\t\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]/u;

// Scripts and emoji need joiners and variation selectors, but only behind something that can be seen.
const joiner = /^[\u200c\u200d]$/u;
const selector = /^[\ufe00-\ufe0f]$/u;
const mark = /^\p{M}$/u;
const joinable = /^[\p{L}\p{M}\p{N}\p{Extended_Pictographic}\p{Emoji_Modifier}#*]$/u;

/** The same lines with every character that is unsafe on a screen replaced by one that shows it. */
export function sanitize(text: string): string {
  if (plain.test(text) || !suspicious.test(text)) return text;
  let safe = '';
  let marks = 0;
  /** What the last character that was left as it is can carry. */
  let carries: 'selector and joiner' | 'joiner' | 'nothing' = 'nothing';
  for (const character of text) {
    if (selector.test(character)) {
      safe += carries === 'selector and joiner' ? character : visibleCharacter(character);
      carries = carries === 'selector and joiner' ? 'joiner' : 'nothing';
    } else if (joiner.test(character)) {
      safe += carries === 'nothing' ? visibleCharacter(character) : character;
      carries = 'nothing';
    } else if (mark.test(character) && ++marks > maxMarksPerBase) {
      safe += visibleCharacter(character);
      carries = 'nothing';
    } else if (unsafe.test(character)) {
      safe += visibleCharacter(character);
      carries = 'nothing';
    } else {
      safe += character;
      carries = joinable.test(character) ? 'selector and joiner' : 'nothing';
      if (!mark.test(character)) marks = 0;
    }
  }
  return safe;
}
