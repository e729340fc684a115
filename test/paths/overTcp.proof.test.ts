/** The real server passes the suites that identify its states, and those that type everything in every way. The smaller ones are in `overTcp.test.ts`. */
import { describeOverTcp } from './describeOverTcp.ts';
import { readGolden } from './golden.ts';
import { hsiSuite, identifiersOf } from './hsi.ts';
import { exploreSession } from './sessionGraph.ts';
import { spellingSuite, withSpellings } from './spellings.ts';

const behaviour = withSpellings(readGolden());

/** One sequence after each line: enough to notice most wrong states, and all of them would take minutes. */
const identify = new Map([...identifiersOf(readGolden())].map(([label, [first]]) => [label, first ? [first] : [[]]]));

describeOverTcp([hsiSuite(readGolden()), spellingSuite(exploreSession(), behaviour, identify)], behaviour);
