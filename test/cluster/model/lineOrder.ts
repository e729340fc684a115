/**
 * What users read of each other: each line once, in the order in which it was said, and all of a chat before its end, or
 * they are told of a gap.
 */
export class LineOrder {
  /** For each reader, place and speaker: the number of the latest line. */
  readonly #latest = new Map<string, { line: number; gaps: number }>();
  /** How often the readers at a server were told of a gap. */
  readonly #gaps = new Map<string, number>();
  /** Chats that a user has left: who, after which line, and the gaps that the partner had been told of. */
  readonly #left = new Map<number, { speaker: string; line: number; reader: string; gaps: number }>();

  /** Lines may be missing at this server from here on. */
  gap(node: string): void {
    this.#gaps.set(node, this.#gapsAt(node) + 1);
  }

  #gapsAt(node: string): number {
    return this.#gaps.get(node) ?? 0;
  }

  /** Returns what is wrong with this line. A line is the speaker and a number. */
  read(node: string, where: string, line: string): string | undefined {
    const [speaker = '', number = '0'] = line.split(' ');
    const key = `${node} ${where} ${speaker}`;
    const latest = this.#latest.get(key);
    const gaps = this.#gapsAt(node);
    this.#latest.set(key, { line: Number(number), gaps });
    if (latest === undefined) return undefined;
    const isNext = Number(number) === latest.line + 1;
    const mayMiss = where === 'room' || gaps > latest.gaps;
    if (isNext || (mayMiss && Number(number) > latest.line)) return undefined;
    return `${node} reads ${line} after ${speaker} ${latest.line}`;
  }

  /** This user leaves a chat, after so many lines, and the directory is to tell the reader so. */
  leaves(pairingId: number, speaker: string, line: number, reader: string): void {
    this.#left.set(pairingId, { speaker, line, reader, gaps: this.#gapsAt(reader) });
  }

  /** This user's server is gone, or was cut off: it can't send what waits there. */
  lost(speaker: string): void {
    for (const [pairingId, end] of this.#left) if (end.speaker === speaker) this.#left.delete(pairingId);
  }

  /** A user who was still there reads that the chat is over. Returns what is missing. */
  ends(pairingId: number, node: string): string | undefined {
    const end = this.#left.get(pairingId);
    if (end === undefined || end.reader !== node || this.#gapsAt(node) > end.gaps) return undefined;
    const latest = this.#latest.get(`${node} chat ${pairingId} ${end.speaker}`)?.line ?? 0;
    return latest < end.line ? `${node} reads the end of a chat before ${end.speaker} ${end.line}` : undefined;
  }
}
