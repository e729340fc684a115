/** Every transition the session chart declares, as `<source> <event>[<index>]`. */
import { sessionMachine } from '../../machines/session.machine.ts';

export function declaredBranches(): string[] {
  const branches: string[] = [];
  const walk = (node: typeof sessionMachine.root): void => {
    for (const [event, transitions] of node.transitions) {
      transitions.forEach((_, index) => {
        branches.push(`${node.id} ${event}[${index}]`);
      });
    }
    for (const child of Object.values(node.states)) walk(child as typeof node);
  };
  walk(sessionMachine.root);
  return branches;
}
