/**
 * Every place that a user can be in: lior is there, golan is the other user if there is one, and noa looks on in the
 * menu.
 *
 * Owns: how they get there, and what each of the others has to read. The dialogue tests use this table.
 */
import { ask, enterRoom, gather, startChat } from './gathering.ts';
import { connect, type User } from './user.ts';
import {
  askerWithdrew,
  disconnected,
  idPrompt,
  leftRoom,
  menu,
  partnerLeft,
  question,
  targetPrompt,
  userDisconnected,
} from './wireTexts.ts';

export interface Scene {
  lior: User;
  golan: User;
  noa: User;
}

export interface Place {
  /** For test titles, after "in" or "while". */
  name: string;
  /** Brings all of them there. They have read all that was sent until then. */
  arrange(server: { port: number }): Promise<Scene>;
  /** The prompt on lior's screen. */
  prompt: string;
  /** The prompt on golan's screen. */
  golanPrompt: string;
  /** What golan reads when lior's connection ends. */
  golanReads: string;
  /** Golan's state after that. */
  golanIsIn: 'menu' | 'common room';
}

async function inMenu(server: { port: number }): Promise<Scene> {
  const [noa, golan, lior] = await gather(server, 'noa', 'golan', 'lior');
  return { lior, golan, noa };
}

/** Brings them into the menu, and then further. */
function then(further: (scene: Scene) => Promise<void>): Place['arrange'] {
  return async (server) => {
    const scene = await inMenu(server);
    await further(scene);
    return scene;
  };
}

export const places: Place[] = [
  {
    name: 'identifying',
    arrange: async (server) => {
      const [noa, golan] = await gather(server, 'noa', 'golan');
      const lior = await connect(server);
      await lior.expect(idPrompt);
      return { lior, golan, noa };
    },
    prompt: idPrompt,
    golanPrompt: '',
    golanReads: '',
    golanIsIn: 'menu',
  },
  {
    name: 'the menu',
    arrange: inMenu,
    prompt: '',
    golanPrompt: '',
    golanReads: disconnected('lior'),
    golanIsIn: 'menu',
  },
  {
    name: 'naming',
    arrange: then(async ({ lior }) => {
      lior.choose(1);
      await lior.expect(targetPrompt);
    }),
    prompt: targetPrompt,
    golanPrompt: '',
    golanReads: disconnected('lior'),
    golanIsIn: 'menu',
  },
  {
    name: 'ringing',
    arrange: then(({ lior, golan }) => ask(lior, golan)),
    prompt: '',
    golanPrompt: question('lior'),
    golanReads: `\n${askerWithdrew('lior')}${menu}`,
    golanIsIn: 'menu',
  },
  {
    name: 'confirming',
    arrange: then(({ lior, golan }) => ask(golan, lior)),
    prompt: question('golan'),
    golanPrompt: '',
    golanReads: `${userDisconnected}${menu}`,
    golanIsIn: 'menu',
  },
  {
    name: 'chatting',
    arrange: then(({ lior, golan }) => startChat(lior, golan)),
    prompt: '',
    golanPrompt: '',
    golanReads: `${partnerLeft('lior')}${menu}`,
    golanIsIn: 'menu',
  },
  {
    name: 'the common room',
    arrange: then(({ lior, golan }) => enterRoom(golan, lior)),
    prompt: '',
    golanPrompt: '',
    golanReads: leftRoom('lior'),
    golanIsIn: 'common room',
  },
];
