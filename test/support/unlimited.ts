/** Limits that tests about other things never reach: users may type fast and ask often. The room keeps no history. */
import { type Limits, limits } from '../../src/config/limits.ts';

export const unlimited: Limits = {
  ...limits,
  maxPerAddress: 0,
  connectRate: 0,
  handshakeRate: 0,
  rateLimit: 0,
  roomRate: 0,
  requestsPerMinute: 0,
  askedPerMinute: 0,
  declineWaitMs: 0,
  roomHistory: 0,
  idTries: Number.POSITIVE_INFINITY,
  // The longest time that a timer can have.
  idTimeoutMs: 2 ** 31 - 1,
};
