/**
 * The menu in the README's terminals.
 *
 * Owns: its places there. Next: `../../src/protocol/replies.ts` (which menu there is).
 */
import { menuText } from '../../src/protocol/replies.ts';

/** Returns the page with every menu as the server says it. */
export function withMenu(page: string): string {
  return page.replaceAll(/^Menu:\n(?:\d\) .*\n)+/gm, menuText);
}
