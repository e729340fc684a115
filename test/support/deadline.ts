/**
 * How long a test waits for what has to come, in ms: only what is wrong takes as long as this, on the busiest machine. Where
 * faults are put in, which is what keeps most of it from coming, `npm run mutants` sets a shorter one.
 */
export const deadlineMs = Number(process.env.STATECHAT_TEST_DEADLINE_MS ?? 60_000);
