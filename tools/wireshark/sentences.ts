/**
 * `sentences.lua`: the sentences of the protocol as Lua patterns, from our own dialect.
 *
 * Owns: the translation. A test compares the file with it; `npm run docs` writes it.
 */
import { readDialect, wordingOf } from '../../src/protocol/dialect.ts';

const patterns: Record<string, string> = {
  '{id}': '[%w][%w._-]*',
  '{text}': '[^\n]*',
  '{count}': '%d+',
  '{any}': '[^\n]*',
};

/** For a wording that the protocol leaves free, this is ours. */
const ours: Record<string, string> = {
  idRules: 'A user ID is {any}\n',
  'refused.self': "You can't chat with yourself.\n",
  'refused.gone': 'User disconnected.\n',
  youWithdrew: 'Request withdrawn.\n',
  farewell: 'Goodbye!\n',
  askerWithdrew: '{id} withdrew the request.\n',
  roomCount: '{any}here{any}\n',
};

export function wiresharkSentences(): string {
  const dialect = readDialect('statechat');
  const rows = Object.keys(dialect.replies).map((name) => {
    const pattern = (ours[name] ?? wordingOf(dialect, name))
      .split(/(\{(?:id|text|count|any)\})/)
      .map((part) => patterns[part] ?? part.replace(/[\^$()%.[\]*+\-?]/g, '%$&'))
      .join('');
    return `  { name = ${quoted(name)}, pattern = ${quoted(pattern)} },`;
  });
  return `-- Written by \`npm run docs\` from the sentences of the protocol. More than one may match: the first one counts.
return {
${rows.join('\n')}
}
`;
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`;
}
