/**
 * Every place lior's session can be in, with golan opposite where there is somebody and noa in the menu.
 *
 * Owns: the way there, and what an end of lior's session means for golan. The tables over states run over these.
 */

import type { LobbyOptions } from '../../src/chat/lobby.ts';
import { ask, forget, gatherThree, startChat, type Trio } from '../support/memory.ts';
import { askerWithdrew, disconnected, leftRoom, menu, partnerLeft, userDisconnected } from '../support/wireTexts.ts';

export interface Arrangement {
  /** For titles, behind "in". */
  place: string;
  /** From the menu, where all three are. */
  arrange(trio: Trio): void;
  /** What golan reads when lior's session ends, whichever way. */
  golanReads: string;
  /** Where the directory then has golan. */
  golanIs: 'menu' | 'commonRoom';
}

export const arrangements: Arrangement[] = [
  { place: 'the menu', arrange: () => {}, golanReads: disconnected('lior'), golanIs: 'menu' },
  { place: 'naming', arrange: ({ lior }) => lior.type('1'), golanReads: disconnected('lior'), golanIs: 'menu' },
  {
    place: 'ringing',
    arrange: ({ lior }) => ask(lior, 'golan'),
    golanReads: `\n${askerWithdrew('lior')}${menu}`,
    golanIs: 'menu',
  },
  {
    place: 'confirming',
    arrange: ({ golan }) => ask(golan, 'lior'),
    golanReads: `${userDisconnected}${menu}`,
    golanIs: 'menu',
  },
  {
    place: 'a chat golan had asked for',
    arrange: ({ lior, golan }) => startChat(golan, lior, 'lior'),
    golanReads: `${partnerLeft('lior')}${menu}`,
    golanIs: 'menu',
  },
  {
    place: 'a chat lior had asked for',
    arrange: ({ lior, golan }) => startChat(lior, golan, 'golan'),
    golanReads: `${partnerLeft('lior')}${menu}`,
    golanIs: 'menu',
  },
  {
    place: 'the common room',
    arrange: ({ lior, golan }) => {
      golan.type('3');
      lior.type('3');
    },
    golanReads: leftRoom('lior'),
    golanIs: 'commonRoom',
  },
];

/** All three where the arrangement says; what they have read up to then is forgotten. */
export function arranged({ arrange }: Arrangement, options: Partial<LobbyOptions> = {}): Trio {
  const trio = gatherThree(options);
  arrange(trio);
  forget(trio);
  return trio;
}
