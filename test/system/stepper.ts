/**
 * One step of a machine from any state it can be in, its actions carried out.
 *
 * Owns: an actor that is told in each message which state it is in. To start an actor for each step takes five times as
 * long. Knows nothing of which machine it is.
 */
import {
  type AnyEventObject,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  createActor,
  fromTransition,
} from 'xstate';

interface Task {
  type: 'step';
  before: AnyMachineSnapshot;
  event: AnyEventObject;
}

export class Stepper {
  readonly #step: (task: Task) => AnyMachineSnapshot;

  constructor(machine: AnyStateMachine) {
    let failure: unknown;
    const logic = fromTransition((_: AnyMachineSnapshot | undefined, { before, event }: Task, scope) => {
      try {
        return machine.transition(before, event, scope as never);
      } catch (error) {
        failure = error;
        return undefined;
      }
    }, undefined);
    const actor = createActor(logic).start();
    this.#step = (task) => {
      actor.send(task);
      const after = actor.getSnapshot().context;
      if (after === undefined) throw failure;
      return after;
    };
  }

  /** The state after an event. Throws what an action or a guard throws. */
  step(before: AnyMachineSnapshot, event: AnyEventObject): AnyMachineSnapshot {
    return this.#step({ type: 'step', before, event });
  }
}
