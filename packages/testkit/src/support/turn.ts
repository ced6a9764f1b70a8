/**
 * Runs `task` in a later turn of the real event loop, after all promise reactions that are due now.
 *
 * Taken at import: a test runner that fakes `setImmediate` afterwards does not stop the testkit. Where it was faked
 * before, a message channel does the same, which no runner fakes.
 */
export type NextTurn = (task: () => void) => void;

export const nextTurn: NextTurn = chooseTurn();

/** Resolves in the next turn of the real event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => nextTurn(resolve));
}

function chooseTurn(): NextTurn {
  const immediate = globalThis.setImmediate as typeof globalThis.setImmediate | undefined;
  if (immediate && !('clock' in immediate)) return (task) => void immediate(task);
  return (task) => {
    const { port1, port2 } = new MessageChannel();
    const run = () => {
      port1.close();
      task();
    };
    // What browsers and Node both have; Node's types know only its own `on`.
    Object.assign(port1, { onmessage: run });
    port2.postMessage(undefined);
  };
}
