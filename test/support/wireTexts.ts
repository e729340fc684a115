/**
 * What the server says, as the tests spell it.
 *
 * Owns: the only spelling of the menu in the tests, and of the sentences that several tests read. It is written from
 * docs/protocol.md. Must not know the spelling of the product (`src/protocol/`): a slip there has to be seen here.
 */

export const passwordPrompt = 'Password: ';
export const wrongPassword = 'Wrong password.\n';

export const idPrompt = 'Enter your user ID: ';
export const targetPrompt = 'Enter user ID: ';

export const menu = 'Menu:\n1) Connect to user\n2) Quit\n3) Common room\n4) Who is online\n';

/** What the menu offers: `1`, `2` and so on. */
export const menuOptions: readonly string[] = Array.from(menu.matchAll(/^(\d+)\)/gm), ([, option]) => option as string);

/** The last line of the menu. A user who has read it has read the menu. */
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

/** The answer to an id that is not acceptable; `idPrompt` comes after it. */
export const idRules =
  'A user ID is 1 to 32 of A-Z, a-z, 0-9, dots, hyphens or underscores, starts with one of A-Z, a-z, 0-9, and is not a reserved word.\n';
export const proofPrompt = (id: string) => `Password for ${id}: `;
export const idTaken = 'User ID taken. Choose another user ID: ';
export const idsUnchecked = `User IDs can't be checked just now. Try again in a moment.\n${idPrompt}`;

// In the menu.
export const invalidOption = 'Invalid option.\n';
export const joinedServer = (id: string) => `${id} joined the server.\n`;
export const disconnected = (id: string) => `${id} disconnected.\n`;

// A request for a chat.
export const userNotFound = 'User not found.\n';
export const userBusy = 'User busy.\n';
export const userDisconnected = 'User disconnected.\n';
export const tooManyRequests = 'Too many requests. Wait a minute.\n';
export const stillWaiting = 'Waiting for response...\n';
export const question = (askerId: string) => `${askerId} wants to chat with you. Accept? (y/n): `;
export const requestDenied = 'Request denied.\n';
export const howToAnswer = (askerId: string) => `Answer y or n; never also refuses all that ${askerId} asks later.\n`;
export const neverHint = (askerId: string) => `The answer never also refuses all that ${askerId} asks later.\n`;
export const requestExpired = 'Request expired.\n';
export const youWithdrew = 'Request withdrawn.\n';
export const askerWithdrew = (askerId: string) => `${askerId} withdrew the request.\n`;

// A chat.
export const partnerAway = (partnerId: string) =>
  `${partnerId} lost the connection and may come back. What you say is kept.\n`;
export const partnerBack = (partnerId: string) => `${partnerId} is back.\n`;
export const chatResumed = (partnerId: string) => `You are back in the chat with ${partnerId}. Type exit() to leave.\n`;
export const chatStarted = (partnerId: string) => `Chat started with ${partnerId}. Type exit() to leave.\n`;
export const youLeftChat = 'You left the chat.\n';
export const partnerLeft = (partnerId: string) => `${partnerId} left the chat.\n`;

// The common room.
export const roomJoined = 'Joined common room. Type exit() to leave.\n';
export const roomEmpty = 'Nobody else is here yet.\n';
export const roomCount = (count: number) => `${count} people are here, you included.\n`;
export const joinedRoom = (id: string) => `${id} joined the common room.\n`;
export const leftRoom = (id: string) => `${id} left the common room.\n`;
export const youLeftRoom = 'You left the common room.\n';

// A line that is refused.
export const lineTooLong = (maxLineBytes: number) =>
  `Line too long: at most ${maxLineBytes} bytes. Nothing was sent.\n`;
export const lineNotUtf8 = 'That line is not valid UTF-8. Nothing was sent.\n';

// The last words before the end of the connection.
export const farewell = 'Goodbye!\n';
export const serverClosing = 'The server is shutting down. Goodbye!\n';
export const serverEnding = 'The server is shutting down and will not be back soon. Goodbye!\n';
export const serverFull = 'The server is full. Try again later. Goodbye!\n';
export const addressFull = 'Too many connections from your address. Goodbye!\n';
export const passwordQueueFull = 'Too many passwords are waiting to be checked. Try again later. Goodbye!\n';
export const evicted = 'Your user ID is now used elsewhere. Goodbye!\n';
export const directoryLost = 'This server has lost its connection to the others. Goodbye!\n';
export const removed = (reason = '') => `You were removed by the operator${reason && `: ${reason}`}. Goodbye!\n`;
export const operatorSays = (text: string) => `[operator] ${text}\n`;
export const banned = 'The operator lets nobody in from your address. Goodbye!\n';
export const lockedDown = 'The operator lets nobody new in just now. Try again later. Goodbye!\n';
export const fault = 'Something went wrong on the server. Goodbye!\n';
export const idTimeout = 'No user ID was given in time. Goodbye!\n';
export const tooManyAttempts = 'Too many attempts. Goodbye!\n';
export const idleTooLong = 'You were idle for too long. Goodbye!\n';
export const howToLeave = 'Type exit() to leave. Nobody else has read that line.\n';
export const overhead = 'Too many bytes that are no text. Goodbye!\n';
export const unterminated = 'Too much text without a line feed. Goodbye!\n';
export const outboxFull = 'You read too slowly, and too much was waiting for you. Goodbye!\n';
export const outboxTotal = 'Too much is waiting to be read on this server. Goodbye!\n';
export const stalled = 'You stopped reading. Goodbye!\n';
