/**
 * Text → sentences, by a table of patterns: for the server's own tools, and as it is for a page in a browser.
 *
 * Owns: how the patterns are tried. Which ones there are is in `sentences.ts`. Knows nothing of what a sentence means.
 *
 * @typedef {{ pattern: RegExp, fixed: { type: string, [field: string]: unknown } }} SentencePattern
 *   The pattern is sticky. What differs from one sentence to the other is in its named groups.
 * @typedef {{ type: string, [field: string]: unknown }} AnySentence
 */

/**
 * The whole sentences at the beginning of a text, each with its own words, and the rest that is none (yet).
 * A line feed that only moves an interrupted prompt to a line of its own belongs to no sentence.
 *
 * @param {readonly SentencePattern[]} patterns the first one that matches counts
 * @param {string} text
 */
export function readBy(patterns, text) {
  /** @type {{ sentence: AnySentence, words: string }[]} */
  const found = [];
  let at = 0;
  while (at < text.length) {
    const next = sentenceAt(patterns, text, at);
    if (next === undefined) {
      if (text[at] !== '\n') break;
      at++;
      continue;
    }
    found.push({ sentence: next.sentence, words: text.slice(at, next.end) });
    at = next.end;
  }
  return { found, rest: text.slice(at) };
}

/** @param {readonly SentencePattern[]} patterns @param {string} text @param {number} at */
function sentenceAt(patterns, text, at) {
  for (const { pattern, fixed } of patterns) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match) return { sentence: { ...fixed, ...valuesOf(match.groups ?? {}) }, end: pattern.lastIndex };
  }
  return undefined;
}

/** A count is a number; `self` says whether something stood there. @param {Record<string, string | undefined>} groups */
function valuesOf({ self, count, ...others }) {
  return {
    ...others,
    ...(count !== undefined && { count: Number(count) }),
    ...('state' in others && { isSelf: self !== undefined }),
  };
}

/** Without the first line, if it has ended and no sentence begins with it. @param {string} rest @param {string} menu */
export function withoutUnknownLine(rest, menu) {
  const end = rest.indexOf('\n');
  return end === -1 || menu.startsWith(rest) ? rest : rest.slice(end + 1);
}
