/** Which way frames go: `up` from client to server, `down` from server to client. */
export type Direction = 'up' | 'down';

/**
 * One thing that a network does to those who trust it. Plain data: it prints, and it can stand in a file.
 *
 * WebSockets run over TCP, which never loses, repeats or reorders inside one connection. What an application sees of
 * such faults of the layers below is stated with each.
 */
export type Fault =
  /** Every frame arrives `ms` later, and by up to `jitterMs` more; the order stays. A handshake pays it both ways. */
  | { readonly kind: 'delay'; readonly ms: number; readonly jitterMs?: number }
  /** A packet is lost with this probability: TCP sends it again, so everything behind it stalls for `stallMs` (default 1,000). */
  | { readonly kind: 'drop'; readonly probability: number; readonly stallMs?: number }
  /** A frame arrives twice. TCP cannot do this; a middlebox or a server that delivers at least once can. */
  | { readonly kind: 'duplicate'; readonly probability: number }
  /** A frame is held back for `holdMs`, with all behind it on its connection, so that other connections overtake. */
  | { readonly kind: 'reorder'; readonly probability: number; readonly holdMs: number }
  /** The next frame is cut after `bytes` of its payload and the connection breaks. */
  | { readonly kind: 'truncate'; readonly bytes: number }
  | { readonly kind: 'bandwidth'; readonly bytesPerSecond: number }
  /** Frames of this direction vanish and nobody is told; give the rule a `direction`. If it ends, TCP delivers what it held. */
  | { readonly kind: 'half_open' }
  /** Nothing passes either way, new handshakes included, and nobody is told. If it ends, TCP delivers what it held. */
  | { readonly kind: 'black_hole' }
  /** Both ends see the connection break (1006), at once. */
  | { readonly kind: 'reset' }
  /** The client sees a proper close frame with this code, as if the server had sent it; the server sees the connection end. */
  | { readonly kind: 'close'; readonly code: number; readonly reason?: string }
  /** The receiver takes its frames out slowly; past `bufferBytes` (default 65,536) the sender's `bufferedAmount` grows. */
  | { readonly kind: 'slow_reader'; readonly bytesPerSecond: number; readonly bufferBytes?: number }
  /** Handshakes are answered with this HTTP status, whatever the direction of the rule: they go both ways. */
  | {
      readonly kind: 'deny_upgrade';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  /**
   * One bit of a frame's payload is turned over, with this probability: any, or the one of this value in its byte. Bit 7
   * makes ASCII text invalid UTF-8, which every receiver notices; others may turn a text into another.
   */
  | { readonly kind: 'bit_flip'; readonly probability: number; readonly bit?: number };

export type FaultKind = Fault['kind'];

/** When and where a fault holds. What is absent does not restrict. */
export interface FaultRule {
  readonly fault: Fault;
  /** Default: both. */
  readonly direction?: Direction;
  /** Number of the connection, counted from 1 as they are dialled. Default: every one. */
  readonly connection?: number;
  /** Begins this many milliseconds after the plan was set. Default: 0. */
  readonly fromMs?: number;
  /** Lasts this long. Default: for ever. */
  readonly forMs?: number;
  /** Begins on a connection after this many frames of application data in that direction. Default: 0. */
  readonly afterFrames?: number;
}

/** All faults of a run. With the same seed and the same traffic the same happens again. */
export interface FaultPlan {
  readonly seed: string | number;
  readonly rules: readonly FaultRule[];
}

/** Faults that happen at one moment, against those that hold for a while. */
export const MOMENTARY: ReadonlySet<FaultKind> = new Set(['reset', 'close', 'truncate']);
