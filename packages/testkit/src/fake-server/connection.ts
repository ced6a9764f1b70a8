import type { StoredUser } from './entities.js';
import type { PeerSocket } from './peer.js';
import { SlidingLog } from './sliding-log.js';
import type { Remembered } from './world.js';

export type Dialect = 'base' | 'v1';

export interface ConnectionStart {
  readonly id: string;
  readonly number: number;
  readonly user: StoredUser;
  readonly dialect: Dialect;
  readonly clientId: string | undefined;
  readonly messagesPerMinute: number;
}

const MINUTE = 60_000;

/** One client's connection, as the fake server sees it. */
export class Connection {
  readonly id: string;
  /** Counted from 1. */
  readonly number: number;
  readonly user: StoredUser;
  readonly dialect: Dialect;
  readonly clientId: string | undefined;
  readonly rooms = new Set<string>();
  /** Requests of this connection; a minute's worth is counted. */
  readonly budget: SlidingLog;
  readonly pings = new SlidingLog(1, 1_000);
  readonly resumes = new SlidingLog(10, MINUTE);
  readonly repeats = new SlidingLog(200, MINUTE);
  /** Faults of A1.5: more than 20 in 10 s close the connection. */
  readonly faults = new SlidingLog(20, 10_000);
  /** On a base connection an `op_id` is remembered only here (B4.1). */
  readonly operations = new Map<string, Remembered>();
  socket: PeerSocket | undefined;
  /** The token family whose revocation ends this connection. */
  family: string;
  /** Ends the timer that closes the connection when its token does. */
  cancelExpiry: () => void = () => {};

  constructor(start: ConnectionStart, family: string) {
    this.id = start.id;
    this.number = start.number;
    this.user = start.user;
    this.dialect = start.dialect;
    this.clientId = start.clientId;
    this.family = family;
    this.budget = new SlidingLog(start.messagesPerMinute, MINUTE);
  }

  send(envelope: object): void {
    this.socket?.send(JSON.stringify(envelope));
  }
}
