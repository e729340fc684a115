/** The program `statechat` as a process of its own, compiled by `compileProgram.ts`. */
import { inject } from 'vitest';

/** The command that starts it, without arguments. */
export const program: readonly [string, string] = [process.execPath, inject('program')];
