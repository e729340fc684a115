/** The real server passes generated suites over WebSocket. Next: `overWebSocket.proof.test.ts`, the larger ones. */
import { describeOverTcp } from './describeOverTcp.ts';
import { readGolden } from './golden.ts';
import { exploreSession } from './sessionGraph.ts';
import { everyBranch, everyState } from './suites.ts';

const nodes = exploreSession();

describeOverTcp([everyState(nodes), everyBranch(nodes)], readGolden(), 'WebSocket');
