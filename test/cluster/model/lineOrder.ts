/** What users read of each other: each line once, in the order in which it was said, or they are told of a gap. */
export class LineOrder {
  /** For each reader, place and speaker: the number of the latest line. */
  readonly #latest = new Map<string, number>();
  readonly #gaps = new Set<string>();

  /** Lines may be missing at this server from here on. */
  gap(node: string): void {
    for (const key of this.#latest.keys()) if (key.startsWith(`${node} `)) this.#gaps.add(key);
  }

  /** Returns what is wrong with this line. A line is the speaker and a number. */
  read(node: string, where: string, line: string): string | undefined {
    const [speaker = '', number = '0'] = line.split(' ');
    const key = `${node} ${where} ${speaker}`;
    const latest = this.#latest.get(key) ?? 0;
    this.#latest.set(key, Number(number));
    if (Number(number) <= latest) return `${node} reads ${line} after ${speaker} ${latest}`;
    return undefined;
  }
}
