/** The real server passes the suite that identifies its states; the smaller suites are in `overTcp.test.ts`. */
import { describeOverTcp } from './describeOverTcp.ts';
import { readGolden } from './golden.ts';
import { hsiSuite } from './hsi.ts';

describeOverTcp([hsiSuite(readGolden())]);
