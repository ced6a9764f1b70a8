/** First byte of a whole text frame: FIN and opcode 1 (RFC 6455 5.2). */
const WHOLE_TEXT = 0x81;

/**
 * One WebSocket text frame as a server sends it: unmasked, in one piece. Made once, written to as many sockets as hear it.
 *
 * @param allocate by default from Node's pool, where a small frame keeps 8 KB alive; for what is kept, memory of its own
 */
export function textFrame(text: string, allocate: (bytes: number) => Buffer = Buffer.allocUnsafe): Buffer {
  const length = Buffer.byteLength(text);
  const header = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = allocate(header + length);
  frame[0] = WHOLE_TEXT;
  if (header === 2) frame[1] = length;
  else if (header === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeUInt32BE(0, 2);
    frame.writeUInt32BE(length, 6);
  }
  frame.write(text, header);
  return frame;
}
