/**
 * The ends of lines as different terminals send them, all turned into line feeds.
 *
 * Owns: CR LF, CR NUL (RFC 854), LF CR, LF and a lone CR, each of which ends one line, however the bytes are cut; the
 * byte order mark before everything else; and what the erase keys take away. Knows nothing of lengths or encodings.
 */
const nul = 0x00;
const backspace = 0x08;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const del = 0x7f;

const byteOrderMark = Buffer.from('\ufeff');

/** What is known between two pieces, as plain data. */
export interface LineEndsState {
  after: 'text' | 'carriageReturn' | 'lineFeed';
  markBytes: number;
  hasCarriageReturns: boolean;
}

export class LineEnds {
  /** The byte that has ended the last line, as long as its other half may follow. */
  #after: 'text' | 'carriageReturn' | 'lineFeed' = 'text';
  /** How many bytes of the byte order mark have come; all of them also once there is none. */
  #markBytes = 0;
  hasCarriageReturns = false;

  get state(): LineEndsState {
    return { after: this.#after, markBytes: this.#markBytes, hasCarriageReturns: this.hasCarriageReturns };
  }

  /** Goes on where another one has stopped. */
  set state({ after, markBytes, hasCarriageReturns }: LineEndsState) {
    this.#after = after;
    this.#markBytes = markBytes;
    this.hasCarriageReturns = hasCarriageReturns;
  }

  /** The same bytes with line feeds as the only ends of lines, and without a byte order mark before the first. */
  toLineFeeds(received: Buffer): Buffer {
    const chunk = this.#markBytes < byteOrderMark.length ? this.#withoutMark(received) : received;
    if (chunk.length === 0) return chunk;
    if (this.#after === 'carriageReturn' || chunk.includes(carriageReturn)) return this.#convert(chunk);
    this.#after = chunk.at(-1) === lineFeed ? 'lineFeed' : 'text';
    return chunk;
  }

  /** No more bytes will come: what looked like the beginning of a mark is text. */
  end(): Buffer {
    const rest = byteOrderMark.subarray(0, this.#markBytes % byteOrderMark.length);
    this.#markBytes = byteOrderMark.length;
    return rest;
  }

  #convert(chunk: Buffer): Buffer {
    const converted = Buffer.allocUnsafe(chunk.length);
    let length = 0;
    for (const byte of chunk) {
      if (byte === carriageReturn) {
        this.hasCarriageReturns = true;
        if (this.#after !== 'lineFeed') {
          converted[length++] = lineFeed;
          this.#after = 'carriageReturn';
        } else this.#after = 'text';
      } else if (this.#after === 'carriageReturn' && (byte === lineFeed || byte === nul)) this.#after = 'text';
      else {
        converted[length++] = byte;
        this.#after = byte === lineFeed ? 'lineFeed' : 'text';
      }
    }
    return converted.subarray(0, length);
  }

  #withoutMark(received: Buffer): Buffer {
    let at = 0;
    while (at < received.length && this.#markBytes < byteOrderMark.length) {
      if (received[at] !== byteOrderMark[this.#markBytes]) {
        const begun = byteOrderMark.subarray(0, this.#markBytes);
        this.#markBytes = byteOrderMark.length;
        return begun.length === 0 ? received : Buffer.concat([begun, received.subarray(at)]);
      }
      at++;
      this.#markBytes++;
    }
    return received.subarray(at);
  }
}

/** True if one of the keys that erase is among these bytes. */
export function hasEraseKeys(bytes: Buffer): boolean {
  return bytes.includes(backspace) || bytes.includes(del);
}

/** What a terminal that edits lines itself would have sent: each erase key takes the character before it, not more than its line. */
export function withoutErased(bytes: Buffer): Buffer {
  const kept: number[] = [];
  let lineStart = 0;
  for (const byte of bytes) {
    if (byte === backspace || byte === del) {
      while (kept.length > lineStart && ((kept.at(-1) as number) & 0xc0) === 0x80) kept.pop();
      if (kept.length > lineStart) kept.pop();
    } else {
      kept.push(byte);
      if (byte === lineFeed) lineStart = kept.length;
    }
  }
  return Buffer.from(kept);
}
