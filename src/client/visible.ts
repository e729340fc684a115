/**
 * Control characters made visible.
 *
 * Owns: what of the server's text may reach the terminal as it is. The server filters too; this is the second wall,
 * for servers that don't. Knows nothing of lines or terminals.
 */

const control = /\p{Cc}/gu;

/** The same text with every control character but LF and tab replaced by one that shows it. */
export function makeVisible(text: string): string {
  return text.replace(control, (character) => {
    const code = character.charCodeAt(0);
    if (character === '\n' || character === '\t') return character;
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    if (code === 0x7f) return '\u2421';
    return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
  });
}
