/**
 * Every place that lior's session can be in, with golan as the other user if there is one, and noa in the menu.
 *
 * Owns: how they get there, and what an end of lior's session means for golan. Tests over all states use this table.
 */

import type { LobbyOptions } from '../../src/chat/lobby.ts';
import { ask, forget, gatherThree, startChat, type Trio } from '../support/memory.ts';
import { askerWithdrew, disconnected, leftRoom, menu, partnerLeft, userDisconnected } from '../support/wireTexts.ts';

export interface Arrangement {
  /** For titles, after "in". */
  place: string;
  /** Brings them there from the menu, where all three are. */
  arrange(trio: Trio): void;
  /** What golan reads when lior's session ends, in any way. */
  golanReads: string;
  /** Golan's state in the directory after that. */
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

/** Returns all three users, where the arrangement says. What they have read so far is forgotten. */
export function arranged({ arrange }: Arrangement, options: Partial<LobbyOptions> = {}): Trio {
  const trio = gatherThree(options);
  arrange(trio);
  forget(trio);
  return trio;
}
