/** Limits that stay out of the way of tests about other things: users here type faster than anybody, and more often; rooms are forgetful. */
import { type Limits, limits } from '../../src/config/limits.ts';

export const unlimited: Limits = {
  ...limits,
  maxPerAddress: 0,
  connectRate: 0,
  handshakeRate: 0,
  rateLimit: 0,
  requestsPerMinute: 0,
  roomHistory: 0,
  idTries: Number.POSITIVE_INFINITY,
  // The longest that a timer takes.
  idTimeoutMs: 2 ** 31 - 1,
};
