import { type Flip, turnOver } from './link.js';

/** The HTTP answer to a handshake that was refused. */
export interface Denial {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What travels along a link: the handshake, messages, and the end. */
export type Frame =
  | { readonly kind: 'text'; readonly data: string; readonly bytes: number }
  | { readonly kind: 'binary'; readonly data: Uint8Array; readonly bytes: number }
  | { readonly kind: 'close'; readonly code: number; readonly reason: string }
  | { readonly kind: 'ping' | 'pong' }
  | { readonly kind: 'upgrade' }
  | { readonly kind: 'accepted'; readonly protocol: string }
  | ({ readonly kind: 'denied' } & Denial)
  /** The other side ended the TCP connection in good order. */
  | { readonly kind: 'end' }
  /** The connection was cut in the middle of a frame. */
  | { readonly kind: 'broken' }
  /** Bytes that are no valid frame; the receiver must fail the connection with 1007. */
  | { readonly kind: 'garbled' };

/** Bytes that count on the wire; headers and handshakes are close enough to nothing. */
export function frameBytes(frame: Frame): number {
  return frame.kind === 'text' || frame.kind === 'binary' ? frame.bytes : 2;
}

/** True for what an application sends: what `afterFrames` counts. */
export function isData(frame: Frame): boolean {
  return frame.kind === 'text' || frame.kind === 'binary';
}

/** The frame with one bit of its payload turned over. */
export function flipBit(frame: Frame, flip: Flip): Frame {
  if (frame.kind !== 'text' && frame.kind !== 'binary') return frame;
  const payload = frame.kind === 'text' ? new TextEncoder().encode(frame.data) : frame.data.slice();
  if (payload.length === 0) return frame;
  turnOver(payload, flip);
  if (frame.kind === 'binary') return { ...frame, data: payload };
  try {
    const data = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(payload);
    return { kind: 'text', data, bytes: payload.length };
  } catch {
    return { kind: 'garbled' };
  }
}
