/**
 * Every chart there is.
 *
 * Owns: the list, and its order. Next: `graph.ts`, `tools/diagrams/diagrams.ts`, `../viewer/viewer.ts`.
 */
import type { AnyStateMachine } from 'xstate';
import { clientMachine } from '../../machines/client.machine.ts';
import { clusterMemberMachine } from '../../machines/clusterMember.machine.ts';
import { lobbyMachine } from '../../machines/lobby.machine.ts';
import { pairingMachine } from '../../machines/pairing.machine.ts';
import { passwordGateMachine } from '../../machines/passwordGate.machine.ts';
import { protocolMachine } from '../../machines/protocol.machine.ts';
import { sessionMachine } from '../../machines/session.machine.ts';

export const charts: readonly AnyStateMachine[] = [
  ...[sessionMachine, lobbyMachine, pairingMachine, passwordGateMachine, clusterMemberMachine],
  ...[clientMachine, protocolMachine],
];
