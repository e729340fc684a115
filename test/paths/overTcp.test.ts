/** The real server passes the generated suites, seen only through its sockets. Next: `overTcp.proof.test.ts`, the largest one. */
import { describeOverTcp } from './describeOverTcp.ts';
import { exploreSession } from './sessionGraph.ts';
import { everyBranch, everyInput, everyPair, everyState } from './suites.ts';

const nodes = exploreSession();

describeOverTcp([everyState(nodes), everyBranch(nodes), everyInput(nodes), everyPair(nodes)]);
