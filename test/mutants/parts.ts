/**
 * The parts of the program into which `npm run mutants` puts faults.
 *
 * Owns: which files, which tests judge them, quickest first, and how many of the faults have to be noticed.
 */
export interface Part {
  readonly name: string;
  /** What is changed: how the paths of the files begin, in one folder each. */
  readonly files: readonly string[];
  /** Who judges, quickest first: how the paths of the tests begin. */
  readonly tests: readonly string[];
  /** Of the faults that anybody could notice. */
  readonly leastPercent: number;
}

const inMemory = [
  ...[
    'broadcast',
    'lineChannel',
    'log',
    'otherServers',
    'promptRenderer',
    'typedLines',
    'pairing',
    'commonRoom',
    'crossing',
  ],
  ...['leaving', 'endings', 'failing', 'lateVerdicts', 'directory.', 'handOver'],
].map((name) => `test/lobby/${name}`);
const limits = [
  ...['afterTheEnd', 'lineQueue', 'linePacing', 'roomPacing', 'tries', 'waitingForReaders', 'pressure', 'closing'],
  ...['rate', 'clock'],
].map((name) => `test/limits/${name}`);
const overTcp = ['test/dialogue/roomHistory', 'test/limits/faults', 'test/metrics/metrics'];

export const parts: readonly Part[] = [
  {
    name: 'dialogue',
    files: ['src/dialogue/'],
    tests: [...inMemory, ...limits, ...overTcp, 'test/passwordGate/gate', 'test/dialogue/leaving'],
    leastPercent: 95,
  },
  {
    name: 'chat',
    files: ['src/chat/', ...['relay', 'requestMemory', 'pairingDecisions'].map((name) => `src/chat/directory/${name}`)],
    tests: [
      ...[...inMemory, 'test/lobby/sessionClocks', 'test/lobby/directoryInvariants', 'test/lobby/peace'],
      ...[
        'test/lobby/proofs',
        'test/limits/sharedAddresses',
        'test/lobby/names',
        'test/dialogue/resume',
        'test/dialogue/names',
        ...limits,
      ],
      ...['test/limits/askedAgain', 'test/limits/toldAndCounted', 'test/limits/rateEverywhere'],
      ...['test/operator/acts', 'test/operator/requests', 'test/operator/words', ...overTcp],
    ],
    leastPercent: 95,
  },
  {
    name: 'transport',
    files: ['src/transport/'],
    tests: [
      'test/transport/connection',
      'test/transport/',
      ...['test/limits/closing', 'test/limits/sharedAddresses', 'test/operator/bans', 'test/restart/takeOver'],
      'test/tls/handshake',
      'test/tls/flood',
      'test/tls/unmetered',
    ],
    leastPercent: 90,
  },
  {
    name: 'lua',
    files: [
      'src/cluster/directory.lua',
      'src/cluster/asking.lua',
      'src/cluster/telling.lua',
      'src/cluster/claiming.lua',
      'src/cluster/holding.lua',
      'src/cluster/membership.lua',
    ],
    tests: [
      ...['holding', 'joining', 'epochs', 'resume', 'peace', 'crowded', 'operator', 'dialogues'],
      ...['redisInMemory', 'differential'],
    ].map((name) => `test/cluster/${name}.system`),
    leastPercent: 95,
  },
];

/** The directory in memory: no share of its faults has to be noticed, but each, or be proved to make no difference. */
export const directoryPart: Part = {
  name: 'directory',
  files: ['src/chat/directory/memoryDirectory'],
  tests: [
    'test/lobby/directory.',
    'test/lobby/names',
    'test/lobby/handOver',
    'test/lobby/peace',
    'test/decisions/decisions',
  ],
  leastPercent: 100,
};

export function partNamed(name: string): Part {
  const part = parts.find((one) => one.name === name);
  const names = [...parts.map((one) => one.name), directoryPart.name];
  if (part === undefined) throw new Error(`No part is called ${name}. There are ${names.join(', ')}.`);
  return part;
}
