/** What was typed or piped in before its turn. Owns: the order, and when it is more than should wait. */

/** More isn't read from the pipe until its turn has come, in bytes. */
const maxPendingBytes = 65_536;

export class PendingInput {
  #bytes: Buffer = Buffer.alloc(0);

  add(data: string | Uint8Array): void {
    this.#bytes = Buffer.concat([this.#bytes, Buffer.from(data as string)]);
  }

  get needsDrain(): boolean {
    return this.#bytes.length >= maxPendingBytes;
  }

  /** The first line, with its line feed. */
  takeLine(): Buffer {
    const end = this.#bytes.indexOf('\n') + 1;
    const line = this.#bytes.subarray(0, end);
    this.#bytes = this.#bytes.subarray(end);
    return line;
  }

  takeAll(): Buffer {
    const all = this.#bytes;
    this.#bytes = Buffer.alloc(0);
    return all;
  }
}
