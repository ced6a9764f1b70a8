import type { Fault } from './fault.js';

/** A connection, in memory or over TCP, that a fault of one moment can end. */
export interface Strikable {
  /** Both ends see it break. */
  reset(): void;
  /** The client sees a close frame that the server never sent. */
  forgeClose(code: number, reason: string): void;
}

export function strike(connection: Strikable, fault: Fault): void {
  if (fault.kind === 'close') connection.forgeClose(fault.code, fault.reason ?? '');
  else connection.reset();
}
