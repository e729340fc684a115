/**
 * Every place a user can be in: lior there, golan opposite where there is somebody, noa in the menu as a witness.
 *
 * Owns: the way there, and what each of the others is owed. The tables of the dialogue tests run over these.
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
  /** For test titles, behind "in" or "while". */
  name: string;
  /** Brings everybody there; all that was sent until then has been read. */
  arrange(server: { port: number }): Promise<Scene>;
  /** The prompt that stands on lior's screen. */
  prompt: string;
  /** The prompt that stands on golan's. */
  golanPrompt: string;
  /** What golan reads when lior's connection ends. */
  golanReads: string;
  /** Where golan is then. */
  golanIsIn: 'menu' | 'common room';
}

async function inMenu(server: { port: number }): Promise<Scene> {
  const [noa, golan, lior] = await gather(server, 'noa', 'golan', 'lior');
  return { lior, golan, noa };
}

/** In the menu, and then further. */
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
