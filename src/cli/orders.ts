/**
 * What the operator orders, as signals.
 *
 * Owns: which signals are orders, which ones are harmless, and how a terminal that was closed is told from `kill -HUP`.
 * What is done at an order is the caller's business. Next: `serve.ts`, `workers.ts`.
 */
import { isatty } from 'node:tty';

/** SIGHUP: read the files again. The others: stop. */
export type Order = 'SIGINT' | 'SIGTERM' | 'SIGQUIT' | 'SIGHUP';
export const orders: readonly Order[] = ['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGHUP'];

/** Without a listener, the first one opens Node's inspector to every program on this machine, and the second one kills. */
const harmlessSignals = ['SIGUSR1', 'SIGUSR2'] as const;

/** npm passes the Ctrl-C on that the terminal has given to all its programs: within this time they are one. */
const samePressMs = 300;

/** The shell may pass SIGHUP on before the terminal itself is gone. */
const terminalGoneMs = 1000;

/** Calls the listener at each order: SIGTERM at SIGHUP, too, if that is because the terminal was closed. */
export function hearOrders(listener: (order: Order) => void): void {
  // A terminal that is gone is none any more: which there are can only be asked before.
  const terminals = [0, 1, 2].filter((fd) => isatty(fd));
  let isGone = false;
  /** True if the terminal is gone. That is one order to stop, however many signals say so. */
  const stopIfGone = (): boolean => {
    if (isGone || terminals.length === 0 || terminals.some((fd) => isatty(fd))) return isGone;
    isGone = true;
    listener('SIGTERM');
    return true;
  };
  let pressedAt = Number.NEGATIVE_INFINITY;
  for (const order of orders) {
    process.on(order, () => {
      if (order === 'SIGINT') {
        const sincePress = performance.now() - pressedAt;
        pressedAt = performance.now();
        if (sincePress < samePressMs) return;
      }
      if (order !== 'SIGHUP') return listener(order);
      if (stopIfGone()) return;
      listener(order);
      if (terminals.length > 0) setTimeout(stopIfGone, terminalGoneMs).unref();
    });
  }
}

/** Calls the listener, if there is one, at a signal that asks for nothing the server has. */
export function hearHarmlessSignals(listener: (signal: string) => void = () => {}): void {
  for (const signal of harmlessSignals) process.on(signal, listener);
}
