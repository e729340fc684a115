/**
 * What each state of the dialogue looks like: which part of the page is shown, and which buttons say which lines.
 *
 * Owns: that every state of the chart has a face, and everything that a person may type there has a button or a field; a test
 * compares this table with the chart. Knows nothing of how a part is drawn. Next: `words.js` (what the buttons say).
 *
 * @typedef {'joining' | 'password' | 'menu' | 'naming' | 'asking' | 'asked' | 'chat' | 'room' | 'over'} Part
 * @typedef {{ line: string, word: string, isMain?: true }} FaceButton
 * @typedef {{ part: Part, buttons: readonly FaceButton[] }} Face
 */

/** @type {FaceButton} */
const leave = { line: 'exit()', word: 'leave' };
/** @type {FaceButton} */
const takeBack = { line: 'exit()', word: 'takeBack' };

/** @type {Face} */
const joining = { part: 'joining', buttons: [] };
/** Each user who is free has a button that asks them: it says 1, and then their id. @type {Face} */
const menu = {
  part: 'menu',
  buttons: [
    { line: '3', word: 'enterRoom', isMain: true },
    { line: '1', word: 'askById' },
    { line: '4', word: 'refresh' },
    { line: '2', word: 'quit' },
  ],
};
/** @type {Face} */
const asking = { part: 'asking', buttons: [takeBack] };
/** @type {Face} */
const asked = {
  part: 'asked',
  buttons: [
    { line: 'y', word: 'yes', isMain: true },
    { line: 'n', word: 'no' },
    { line: 'never', word: 'never' },
  ],
};
/** @type {Face} */
const chat = { part: 'chat', buttons: [leave] };
/** @type {Face} */
const room = { part: 'room', buttons: [leave] };

/** @type {Face} */
const password = { part: 'password', buttons: [] };

/** By the name of the state in `machines/protocol.machine.ts`. @type {Readonly<Record<string, Face>>} */
export const faces = {
  password,
  connected: joining,
  identifying: joining,
  notAnId: joining,
  claiming: joining,
  proving: password,
  proved: joining,
  menu,
  choseConnect: menu,
  choseRoom: menu,
  choseQuit: menu,
  choseList: menu,
  listing: menu,
  choseNothing: menu,
  backToMenu: menu,
  naming: { part: 'naming', buttons: [{ line: 'exit()', word: 'back' }] },
  asking,
  impatient: asking,
  withdrawing: asking,
  asked,
  unclear: asked,
  accepting: asked,
  declining: asked,
  chatting: chat,
  leavingChat: chat,
  countingRoom: room,
  commonRoom: room,
  leavingRoom: room,
  over: { part: 'over', buttons: [] },
};

/** Sentences that are no line of the log: the face itself says them. */
export const shownByFaces = ['read.idPrompt', 'read.proofPrompt', 'read.menu', 'read.targetPrompt', 'read.userRow'];
