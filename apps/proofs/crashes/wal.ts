/** What recovery will find in a write-ahead log of SQLite. */
export interface Wal {
  /** Differs between the lives of a log: after a checkpoint it is written again from its beginning. */
  readonly salt: string;
  /** Length up to and with the last whole transaction; 0 when there is none. */
  readonly committedEnd: number;
}

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
/** The lowest bit of the first number says in which byte order the checksums are made. */
const MAGIC = 0x377f0682;

interface Sum {
  a: number;
  b: number;
}

/** Reads a log as SQLite does when it recovers: up to the first frame whose salt or checksum is wrong. */
export function readWal(bytes: Buffer): Wal {
  const empty = { salt: '', committedEnd: 0 };
  if (bytes.length < HEADER_BYTES) return empty;
  const magic = bytes.readUInt32BE(0);
  if ((magic & ~1) >>> 0 !== MAGIC) return empty;
  const bigEndian = (magic & 1) === 1;
  const sum: Sum = { a: 0, b: 0 };
  add(sum, bytes, 0, 24, bigEndian);
  if (!isSum(sum, bytes, 24)) return empty;
  const pageBytes = bytes.readUInt32BE(8);
  const salt = bytes.toString('hex', 16, 24);
  let committedEnd = 0;
  const frameBytes = FRAME_HEADER_BYTES + pageBytes;
  for (let at = HEADER_BYTES; at + frameBytes <= bytes.length; at += frameBytes) {
    if (bytes.toString('hex', at + 8, at + 16) !== salt) break;
    add(sum, bytes, at, 8, bigEndian);
    add(sum, bytes, at + FRAME_HEADER_BYTES, pageBytes, bigEndian);
    if (!isSum(sum, bytes, at + 16)) break;
    const isCommit = bytes.readUInt32BE(at + 4) !== 0;
    if (isCommit) committedEnd = at + frameBytes;
  }
  return { salt, committedEnd };
}

function isSum({ a, b }: Sum, bytes: Buffer, at: number): boolean {
  return bytes.readUInt32BE(at) === a && bytes.readUInt32BE(at + 4) === b;
}

function add(sum: Sum, bytes: Buffer, from: number, length: number, bigEndian: boolean): void {
  const word = (at: number) => (bigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at));
  for (let at = from; at < from + length; at += 8) {
    sum.a = (sum.a + word(at) + sum.b) >>> 0;
    sum.b = (sum.b + word(at + 4) + sum.a) >>> 0;
  }
}
