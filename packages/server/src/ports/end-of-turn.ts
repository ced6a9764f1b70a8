/**
 * Calls back once when the current turn of the event loop is over, never synchronously. What was queued during the
 * turn then leaves in one write. Node: `setImmediate`.
 */
export type EndOfTurn = (callback: () => void) => void;
