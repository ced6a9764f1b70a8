/** A place in a room's log. */
export interface StorePosition {
  readonly room: string;
  readonly epoch: string;
  readonly seq: number;
}

export interface StoreEntry extends StorePosition {
  readonly type: string;
  readonly data: unknown;
}

export interface StoreOperation {
  readonly owner: string;
  readonly opId: string;
  readonly fingerprint: string;
  readonly reply: string;
  readonly at: number;
}

/** What the cases use of one unit of work. */
export interface StoreTransaction {
  readonly log: {
    append(
      room: string,
      event: {
        readonly type: 'member.left';
        readonly data: { readonly network_id: string; readonly user_id: string };
      },
      at: number,
    ): Promise<StoreEntry>;
    positions(rooms: readonly string[]): Promise<readonly StorePosition[]>;
    entries(room: string, after: number, limit: number): Promise<readonly StoreEntry[]>;
  };
  readonly operations: {
    get(owner: string, opId: string): Promise<StoreOperation | undefined>;
    insert(operation: StoreOperation): Promise<void>;
  };
}

/** The part of a server's store that the promises rest on. Any store of that shape can be judged. */
export interface StoreUnderTest {
  write<T>(work: (tx: StoreTransaction) => Promise<T>): Promise<T>;
  read<T>(work: (tx: StoreTransaction) => Promise<T>): Promise<T>;
  onCommit(listener: (entries: readonly StoreEntry[]) => void): () => void;
  close(): Promise<void>;
}

/** A store to be judged: `open` gives one on the same data each time, `clear` starts with none. */
export interface StoreTarget {
  readonly kind: 'store';
  readonly name: string;
  readonly open: () => Promise<StoreUnderTest>;
  readonly clear: () => Promise<void>;
}
