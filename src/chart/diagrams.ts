/**
 * The diagrams of all charts, by the name of their file in `diagrams/`.
 *
 * Owns: which charts are drawn, and in which forms. Next: `writeDiagrams.ts`.
 */
import { clientMachine } from '../../machines/client.ts';
import { dialogueMachine } from '../../machines/dialogue.ts';
import { doorMachine } from '../../machines/door.ts';
import { lobbyMachine } from '../../machines/lobby.ts';
import { sessionMachine } from '../../machines/session.ts';
import { graphOf } from './graph.ts';
import { mermaidOf } from './mermaid.ts';

export function diagrams(): Map<string, string> {
  const machines = [sessionMachine, lobbyMachine, doorMachine, clientMachine, dialogueMachine];
  return new Map(machines.map((machine) => [`${machine.id}.mmd`, mermaidOf(graphOf(machine))]));
}
