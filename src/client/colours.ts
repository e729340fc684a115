/**
 * Which colour each id has.
 *
 * Owns: the colours, and that no two users on the screen share one while others are free.
 * Knows nothing of lines or of terminals, except how many colours one has.
 */

/** How many colours the terminal has: 0 for none, 'all' for those of 24 bits. */
export type ColourCount = 0 | 16 | 256 | 'all';

interface Palette {
  /** The codes of the colours that are taken first, then those of the others. */
  first: readonly string[];
  others: readonly string[];
}

/** The first 16 colours look different in every terminal: black, white and the greys are left out. */
const palette16: Palette = { first: ['31', '32', '33', '34', '35', '36'], others: [] };

/**
 * Of the 240 colours that look the same everywhere, only the first six have a contrast of 4.5:1 on black and on white.
 * That of the others is at least 3.8:1.
 */
const palette256: Palette = {
  first: [63, 131, 29, 163, 98, 243].map(code256),
  others: [130, 30, 28, 164, 64, 132, 31, 161, 97, 27, 133, 100, 65, 196].map(code256),
};

/** Each of these has a contrast of 4.5:1 on black and on white. */
const allColours =
  'e91313 7f7625 0b8383 795af2 c9456d b75c35 24870b 2e7ea0 c114ec a5680d 278731 1d70ed ' +
  'de128c 677e0a 268468 616cd1 c339b5 548226 0b873d 9459cf';
const paletteAll: Palette = { first: allColours.split(' ').map(code24), others: [] };

/** Terminals that know all colours say so in COLORTERM. */
export function hasAllColours({ COLORTERM = '' }: NodeJS.ProcessEnv): boolean {
  return COLORTERM === 'truecolor' || COLORTERM === '24bit';
}

function code24(colour: string): string {
  const [red = 0, green = 0, blue = 0] = Buffer.from(colour, 'hex');
  return `38;2;${red};${green};${blue}`;
}

function code256(colour: number): string {
  return `38;5;${colour}`;
}

export class IdColours {
  readonly #palette: Palette;
  /** The ids that have a colour, by when they were last on the screen: the latest one last. */
  readonly #codes = new Map<string, string>();

  constructor(count: 16 | 256 | 'all') {
    this.#palette = { 16: palette16, 256: palette256, all: paletteAll }[count];
  }

  /** The code of an id's colour, the same for as long as there is room for all ids. */
  codeOf(id: string): string {
    const key = id.toLowerCase();
    const code = this.#codes.get(key) ?? this.#freeCode(key);
    this.#codes.delete(key);
    this.#codes.set(key, code);
    return code;
  }

  /** A colour that nobody has. If all are taken, that of the id which was not seen for the longest time. */
  #freeCode(id: string): string {
    const { first, others } = this.#palette;
    const start = hashOf(id) % first.length;
    const inOrder = [...first.slice(start), ...first.slice(0, start), ...others];
    const taken = new Set(this.#codes.values());
    const free = inOrder.find((code) => !taken.has(code));
    if (free !== undefined) return free;
    const [oldestId, code] = [...this.#codes][0] as [string, string];
    this.#codes.delete(oldestId);
    return code;
  }
}

/** An id begins with the same colour in every window, where that one is free. */
function hashOf(id: string): number {
  let hash = 7;
  for (const character of id) hash = (hash * 31 + character.charCodeAt(0)) % 1_000_003;
  return hash;
}
