import { type BigIntStats, statSync } from 'node:fs';

/**
 * Returns how to see whether a name still leads to the file that it leads to now: by the name, not by where a link
 * led, for that is how the next start looks for it.
 */
export function fileInPlace(named: string): () => boolean {
  // Windows lets nobody take away what is open.
  if (process.platform === 'win32') return () => true;
  const opened = look(named);
  return () => {
    try {
      const now = look(named);
      return now !== undefined && now.dev === opened?.dev && now.ino === opened.ino;
    } catch {
      // A folder or a disk that does not let look says nothing of the file; the next write tells of them.
      return true;
    }
  };
}

function look(named: string): BigIntStats | undefined {
  return statSync(named, { bigint: true, throwIfNoEntry: false });
}
