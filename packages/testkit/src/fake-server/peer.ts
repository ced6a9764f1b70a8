/** A connection as a fake server holds it, over memory or a real line alike. No method throws. */
export interface PeerSocket {
  send(text: string): void;
  sendBinary(data: Uint8Array): void;
  /** Starts the closing handshake. */
  close(code: number, reason: string): void;
  /** Drops the connection: the client sees 1006. */
  terminate(): void;
  ping(): void;
}

export interface PeerEvents {
  readonly text: (data: string) => void;
  readonly binary: (data: Uint8Array) => void;
  /** Exactly once, whoever closed. */
  readonly closed: (code: number) => void;
}

/** What a refused handshake is answered with besides its status. */
export interface Denial {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A client at the door: it is answered once, by `accept` or `deny`. */
export interface Knock {
  readonly url: URL;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly protocols: readonly string[];
  /**
   * @param protocol one of those offered, or none
   * @returns undefined when the handshake itself was wrong, and has been answered: then there is no connection
   */
  accept(protocol: string | undefined, events: PeerEvents): PeerSocket | undefined;
  deny(status: number, denial?: Denial): void;
}

/** Where a fake server listens. */
export interface FakeTransport {
  /** `ws://…/v1/ws`, what a client dials. Known once it listens. */
  readonly url: string;
  listen(knock: (knock: Knock) => void): Promise<void> | void;
  /** Refuses connections until `listen` is called again, at the same address. */
  stop(): Promise<void> | void;
  close(): Promise<void> | void;
}
