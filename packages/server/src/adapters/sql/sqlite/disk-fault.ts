import { closeSync, fsyncSync, openSync, unlinkSync, writeSync } from 'node:fs';
import type { StoreFault } from '../../../ports/store-error.js';

const BY_CODE: Readonly<Record<string, StoreFault>> = {
  ENOSPC: 'disk_full',
  EDQUOT: 'disk_full',
  EROFS: 'read_only',
  EACCES: 'read_only',
  EPERM: 'read_only',
  EIO: 'io_error',
};
/** A full disk often has room for a few bytes. */
const PROBE = Buffer.alloc(64 * 1024, 1);

/** Writes a small file beside the database: the error of the operating system says more than SQLite's. */
export function diskFault(path: string): StoreFault | undefined {
  const probe = `${path}-probe`;
  try {
    const file = openSync(probe, 'w', 0o600);
    try {
      // A disk that becomes full in the middle says so by writing less.
      if (writeSync(file, PROBE) < PROBE.length) return 'disk_full';
      fsyncSync(file);
    } finally {
      closeSync(file);
      unlinkSync(probe);
    }
    return undefined;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return BY_CODE[code];
  }
}
