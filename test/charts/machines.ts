/** Every chart there is. */
import type { AnyStateMachine } from 'xstate';
import { clientMachine } from '../../machines/client.ts';
import { dialogueMachine } from '../../machines/dialogue.ts';
import { doorMachine } from '../../machines/door.ts';
import { lobbyMachine } from '../../machines/lobby.ts';
import { membershipMachine } from '../../machines/membership.ts';
import { sessionMachine } from '../../machines/session.ts';

export const machines: AnyStateMachine[] = [
  ...[sessionMachine, lobbyMachine, doorMachine, membershipMachine],
  ...[clientMachine, dialogueMachine],
];
