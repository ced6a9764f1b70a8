/** A piece of a WebSocket byte stream: the handshake, or one whole frame with its header. */
export interface WsPiece {
  readonly bytes: Buffer;
  /** Length of the frame's header, mask included; the rest is payload. */
  readonly headerBytes: number;
  /** True for text, binary and their continuations. */
  readonly isData: boolean;
}

/** Largest frame that is put together; what is larger passes in pieces as it comes. */
const FRAME_MAX = 64 * 1024 * 1024;

/** Cuts a byte stream into frames (RFC 6455, 5.2), whatever the chunks it comes in. Bounded by the largest frame. */
export class WsFrameReader {
  #held: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): readonly WsPiece[] {
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    const pieces: WsPiece[] = [];
    for (let piece = this.#next(); piece; piece = this.#next()) pieces.push(piece);
    return pieces;
  }

  #next(): WsPiece | undefined {
    const held = this.#held;
    const [first, second] = held;
    if (first === undefined || second === undefined) return undefined;
    const short = second & 0x7f;
    const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
    const headerBytes = 2 + lengthBytes + (second & 0x80 ? 4 : 0);
    if (held.length < headerBytes) return undefined;
    const payload =
      lengthBytes === 0 ? short : lengthBytes === 2 ? held.readUInt16BE(2) : Number(held.readBigUInt64BE(2));
    const total = Math.min(headerBytes + payload, FRAME_MAX);
    if (held.length < total) return undefined;
    this.#held = held.subarray(total);
    return { bytes: held.subarray(0, total), headerBytes, isData: (first & 0x0f) <= 2 };
  }
}

/** A close frame as a server sends it; who calls has checked that the reason fits. */
export function closeFrame(code: number, reason: string): Buffer {
  const text = Buffer.from(reason, 'utf8');
  const frame = Buffer.alloc(4 + text.length);
  frame[0] = 0x88;
  frame[1] = 2 + text.length;
  frame.writeUInt16BE(code, 2);
  text.copy(frame, 4);
  return frame;
}
