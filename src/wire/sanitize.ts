/**
 * Makes text safe for any screen and any log.
 *
 * Owns: which characters of a user's text may reach another terminal as they are. What may not is made visible, never
 * cut, so nobody can hide that they sent it. Netcat users have no client to protect them: this is the only filter.
 */

/** Marks on one base character; real scripts need at most a handful, more smear over the lines above and below. */
const maxMarksPerBase = 8;

const plain = /^[\t\x20-\x7e]*$/;

/** Characters that steer a terminal, reorder text or can't be seen. */
const suspect =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]|\p{M}{9,}/gu;

/** Joiners and variation selectors, which scripts and emoji need directly after a visible character. */
const joining = /^(?:\u200c|\u200d|[\ufe00-\ufe0f])$/u;
const joinable = /[\p{L}\p{M}\p{N}\p{Extended_Pictographic}\p{Emoji_Modifier}#*]$/u;

/** The same text with every character that is unsafe on a screen replaced by one that shows it. */
export function sanitize(text: string): string {
  if (plain.test(text)) return text;
  return text.replace(suspect, (match, offset: number) => {
    if (match === '\t') return match;
    if (joining.test(match)) {
      return joinable.test(text.slice(Math.max(0, offset - 2), offset)) ? match : visible(match);
    }
    const characters = [...match];
    if (characters.length === 1) return visible(match);
    return characters.slice(0, maxMarksPerBase).join('') + characters.slice(maxMarksPerBase).map(visible).join('');
  });
}

/** A picture for the old control characters, the code point in angle brackets for everything else. */
function visible(character: string): string {
  const code = character.codePointAt(0) as number;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return '\u2421';
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
}
