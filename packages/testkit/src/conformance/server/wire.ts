/** A WebSocket as conformance cases use it: raw, and over any transport. */
export interface WireSocket {
  send(data: string | Uint8Array): void;
  close(code?: number): void;
  terminate(): void;
  /** Stops reading, so that the server's buffers fill. Absent where the transport has none. */
  pause?(): void;
  resume?(): void;
}

export interface WireEvents {
  readonly opened: (protocol: string, extensions: string) => void;
  readonly text: (data: string) => void;
  readonly binary: () => void;
  /** The handshake was refused. `status` is undefined where the transport hides it. */
  readonly refused: (refusal: WireRefusal) => void;
  readonly closed: (code: number, reason: string) => void;
}

export interface WireRefusal {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

export interface WireRequest {
  readonly url: string;
  readonly protocols: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
}

/** Opens a connection. The default speaks to any server over the network; a test may give one in memory. */
export type Dial = (request: WireRequest, events: WireEvents) => WireSocket;
