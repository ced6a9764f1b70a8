import type {
  Invite,
  JoinRequest,
  LogEntry,
  Membership,
  Message,
  MessageEdit,
  Network,
  RefreshToken,
  User,
} from '../../domain/entities.js';
import type { MemberTable, OperationRecord } from '../../ports/store.js';
import { Rows } from './journal.js';

/** A room's log: `entries` has no holes, its last entry is `seq`. */
export interface RoomLog {
  readonly epoch: string;
  /** Of a network's room. */
  readonly tenantId?: string;
  seq: number;
  entries: LogEntry[];
}

/**
 * What is left when a process ends: the rows that were committed. Give it to the next store, or to several that live at
 * the same time. `recorded` hears the log entries of each commit in the moment they become durable, also when nobody is
 * left to be told of them.
 */
export class MemoryMedium {
  readonly users = new Rows<{ readonly user: User; readonly passwordHash: string }>();
  /** Ids by e-mail. */
  readonly emails = new Rows<string>();
  readonly networks = new Rows<Network>();
  readonly members = new Rows<Membership>();
  readonly requests = new Rows<JoinRequest>();
  readonly bans = new Rows<Parameters<MemberTable['bans']['put']>[0]>();
  readonly invites = new Rows<Invite>();
  readonly messages = new Rows<Message>();
  readonly tombstones = new Rows<{ readonly scope: string; readonly seq: number }>();
  readonly edits = new Rows<readonly MessageEdit[]>();
  readonly logs = new Rows<RoomLog>();
  readonly operations = new Rows<OperationRecord>();
  readonly refreshTokens = new Rows<RefreshToken>();
  /** The transaction under way, of whichever store: every other one waits for its end. */
  transaction: Promise<void> | undefined;

  /** Takes these tables over from another medium: the others were lost. */
  adopt(
    from: MemoryMedium,
    tables: readonly Exclude<keyof MemoryMedium, 'recorded' | 'adopt' | 'transaction'>[],
  ): void {
    for (const table of tables) Object.assign(this, { [table]: from[table] });
  }

  constructor(readonly recorded: (entries: readonly LogEntry[]) => void = () => {}) {}
}
