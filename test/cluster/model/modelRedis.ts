/**
 * The Redis of the exploration as a process that can be killed, replaced, frozen, refuse, and be emptied.
 *
 * Owns: which process there is, and whether it carries calls out. Next: `redisInMemory.ts` (what it does then).
 */
import type { Content, Engine } from './redisInMemory.ts';
import { RedisInMemory } from './redisInMemory.ts';

export class ModelRedis {
  mode: 'up' | 'down' | 'readonly' | 'frozen' = 'up';
  /** Names the process: the next one has another. */
  generation = 1;
  readonly memory: RedisInMemory;
  /** What its replica has, if that lags behind from some moment on. */
  #copy: Content | undefined;

  constructor(engine: Engine) {
    this.memory = new RedisInMemory(engine);
  }

  call(name: string, key: string, args: readonly string[]): string {
    return this.mode === 'readonly' ? 'READONLY replica' : this.memory.call(name, key, args);
  }

  read(stream: string, after: string): ReturnType<RedisInMemory['read']> {
    return this.memory.read(stream, after);
  }

  get isLagging(): boolean {
    return this.#copy !== undefined;
  }

  /** From now on the replica gets nothing. */
  lag(): void {
    this.#copy ??= this.memory.copy();
  }

  /** Another process begins, which has nothing. */
  startEmpty(): void {
    this.#replace(new Map());
  }

  /** The replica takes over. */
  promote(): void {
    this.#replace(this.#copy ?? this.memory.copy());
  }

  flush(): void {
    this.memory.content = new Map();
  }

  #replace(content: Content): void {
    this.generation++;
    this.mode = 'up';
    this.memory.content = content;
    this.#copy = undefined;
  }
}
