/** The form of the protocol's table, for those who make it and those who read it: lists that are empty are left out. Next: `protocolTable.ts`. */

export interface TableTransition {
  /** None for one that is always taken. */
  guard?: string;
  /** None for one that changes no state. */
  target?: string;
  actions?: readonly string[];
}

export interface TableState {
  tags?: readonly string[];
  entry?: readonly string[];
  on: Readonly<Record<string, readonly TableTransition[]>>;
}

export interface ProtocolTable {
  initial: string;
  /** What is possible in every state, behind what the state itself says. */
  on: TableState['on'];
  states: Readonly<Record<string, TableState>>;
  /** What a typed line looks like, by the guard that asks. */
  lines: Readonly<Record<string, { source: string; flags: string }>>;
  /** The first one that matches counts. */
  sentences: readonly { source: string; fixed: { type: string; [field: string]: unknown } }[];
  /** The sentence that takes several lines. */
  menu: string;
}
