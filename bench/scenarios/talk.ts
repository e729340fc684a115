/**
 * Lines that cross a server: in a private chat and in a room of 50, one at a time and 20 in flight.
 *
 * Owns: CPU time and rate for each line that is delivered. Next: `../group.ts`.
 */
import { gatherMany, scatter, volley } from '../group.ts';
import type { Scenario } from './scenario.ts';

export const chatOne = talk('chat-1', 'chat, one line at a time', { users: 2, groups: 1, window: 1 });
export const chatsOne = talk('chats-1', '50 chats, one line at a time each', { users: 2, groups: 50, window: 1 });
export const chatMany = talk('chat-20', 'chat, 20 lines in flight', { users: 2, groups: 1, window: 20 });
export const roomOne = talk('room-1', 'room of 50, one line at a time', { users: 50, groups: 1, window: 1 });
export const roomMany = talk('room-20', 'room of 50, 20 lines in flight', { users: 50, groups: 1, window: 20 });

interface Conversation {
  /** Two users have a private chat, more are in the room. */
  users: number;
  /** How many such conversations there are at once. */
  groups: number;
  /** Lines in flight in each. */
  window: number;
}

function talk(name: string, title: string, { users, groups: count, window }: Conversation): Scenario {
  return {
    name,
    measures: () => [
      { key: 'cpu', title: `${title}: CPU`, unit: users === 2 ? 'µs/line' : 'µs/delivery' },
      { key: 'rate', title: `${title}: rate`, unit: users === 2 ? 'lines/s' : 'deliveries/s' },
    ],
    async run({ dialect, port, process: server }, plan) {
      const groups = await gatherMany(dialect, port, users, count);
      await volley(groups, window, plan.warmUpMs);
      const before = server.cpuMs();
      const { deliveries, seconds } = await volley(groups, window, plan.measureMs);
      const cpuMs = server.cpuMs() - before;
      for (const group of groups) scatter(group);
      return { cpu: (cpuMs * 1000) / deliveries, rate: deliveries / seconds };
    },
  };
}
