import type { EventBody, LogEntry } from '../domain/entities.js';
import type { Dialect } from '../ports/gateway.js';
import { textFrame } from './frame.js';

/** An event on its way out: encoded at most once for each dialect, however many hear it. */
export class OutgoingEvent<E extends EventBody | LogEntry = EventBody | LogEntry> {
  readonly #frames: { [K in Dialect]?: Buffer } = {};

  constructor(readonly event: E) {}

  frame(dialect: Dialect): Buffer {
    const { event } = this;
    // Entries of a log stay in memory for those who resume.
    const allocate = 'seq' in event ? Buffer.allocUnsafeSlow : Buffer.allocUnsafe;
    this.#frames[dialect] ??= textFrame(JSON.stringify(envelope(event, dialect)), allocate);
    return this.#frames[dialect];
  }
}

/** Position and trace stand beside `data` where the session extension was negotiated (B3.1, B6), and only there. */
function envelope(event: EventBody | LogEntry, dialect: Dialect): object {
  const { type, data } = event;
  if (dialect === 'base' || !('seq' in event)) return { type, data };
  const { room, seq, meta } = event;
  return { type, data, room, seq, ...(meta && { meta }) };
}
