/** Every chart there is. */
import type { AnyStateMachine } from 'xstate';
import { clientMachine } from '../../machines/client.machine.ts';
import { clusterMemberMachine } from '../../machines/clusterMember.machine.ts';
import { lobbyMachine } from '../../machines/lobby.machine.ts';
import { passwordGateMachine } from '../../machines/passwordGate.machine.ts';
import { protocolMachine } from '../../machines/protocol.machine.ts';
import { sessionMachine } from '../../machines/session.machine.ts';

export const machines: AnyStateMachine[] = [
  ...[sessionMachine, lobbyMachine, passwordGateMachine, clusterMemberMachine],
  ...[clientMachine, protocolMachine],
];
