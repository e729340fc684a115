/** The real server passes the larger suites over WebSocket too, and among them the one that identifies its states. */
import { describeOverTcp } from './describeOverTcp.ts';
import { readGolden } from './golden.ts';
import { hsiSuite } from './hsi.ts';
import { exploreSession } from './sessionGraph.ts';
import { everyInput, everyPair } from './suites.ts';

const nodes = exploreSession();

describeOverTcp([everyInput(nodes), everyPair(nodes), hsiSuite(readGolden())], readGolden(), 'WebSocket');
