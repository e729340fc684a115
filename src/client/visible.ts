/**
 * Control characters made visible.
 *
 * Owns: what of the server's text may reach the terminal as it is. The server filters too; this is the second wall,
 * for servers that don't. Knows nothing of lines or terminals.
 */
import { visibleCharacter } from '../runtime/escape.ts';

const control = /(?![\t\n])\p{Cc}/gu;

/** The same text with every control character but LF and tab replaced by one that shows it. */
export function makeVisible(text: string): string {
  return text.replace(control, visibleCharacter);
}
