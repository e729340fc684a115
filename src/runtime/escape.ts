/**
 * Text that is put into another language: markup, a regular expression, a terminal.
 *
 * Owns: how a character is written there so that it stands for itself. Which characters a terminal may get as they are
 * is decided by the caller (`../transport/sanitize.ts`, `../client/visible.ts`).
 */

/** For HTML, SVG and XML: in an element, and in an attribute between double quotes. */
export function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** For the source of a regular expression, outside of square brackets. */
export function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** For a terminal: a picture of an old control character, the code point in angle brackets for every other one. */
export function visibleCharacter(character: string): string {
  const code = character.codePointAt(0) as number;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return '\u2421';
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
}
