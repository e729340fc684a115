/** How long a test waits for what has to come, in ms: only what is wrong takes as long as this, on the busiest machine. */
export const deadlineMs = 60_000;
