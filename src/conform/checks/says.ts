/**
 * Short names for the sentences that checks expect.
 *
 * Owns: nothing else.
 */
import type { Sentence } from '../../protocol/sentences.ts';

type Plain = Exclude<Sentence, { id: string } | { reason: string } | { count: number }>['type'];
type About = Exclude<Extract<Sentence, { id: string }>, { text: string } | { state: string }>['type'];
type Unprefixed<T extends string> = T extends `read.${infer Name}` ? Name : never;

export function read(name: Unprefixed<Plain>): Sentence {
  return { type: `read.${name}` } as Sentence;
}

export function about(name: Unprefixed<About>, { id }: { id: string }): Sentence {
  return { type: `read.${name}`, id } as Sentence;
}

export function refused(reason: 'unknown' | 'busy' | 'self' | 'gone'): Sentence {
  return { type: 'read.refused', reason };
}

export function line({ id }: { id: string }, text: string): Sentence {
  return { type: 'read.line', id, text };
}

export const menu: Sentence = read('menu');
