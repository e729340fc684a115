/**
 * What the server says, as the tests spell it.
 *
 * Owns: the only spelling of the menu in the tests, and of the sentences that several tests read. It is written from
 * docs/protocol.md. Must not know the spelling of the product (`src/protocol/`): a slip there has to be seen here.
 */

export const idPrompt = 'Enter your user ID: ';
export const targetPrompt = 'Enter user ID: ';

export const menu = 'Menu:\n1) Connect to user\n2) Quit\n3) Common room\n4) Who is online\n';

/** What the menu offers: `1`, `2` and so on. */
export const menuOptions: readonly string[] = Array.from(menu.matchAll(/^(\d+)\)/gm), ([, option]) => option as string);

/** The last line of the menu. Who has read it has read the menu. */
export const menuEnd = menu.slice(menu.trimEnd().lastIndexOf('\n') + 1);

/** The number that the next option of the menu would have. */
export const numberOfNoOption = String(menuOptions.length + 1);

/** Lines that the menu calls no option. */
export const noOptions: readonly string[] = [
  '',
  '0',
  numberOfNoOption,
  '12',
  '1 2',
  '01',
  'one',
  'exit()',
  'y',
  'golan',
  '１',
];

export const idRules =
  'A user ID is 1 to 32 letters, digits, dots, hyphens or underscores, starts with a letter or digit, and is not a reserved word.\n';

export const idTaken = 'User ID taken. Choose another user ID: ';
