import { closeSync, fsyncSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { StartError } from '../../../domain/start-error.js';

const ADVICE: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'the file system is read-only',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is not a folder',
  EEXIST: 'a part of the path is not a folder',
  ENOSPC: 'the disk is full',
};

/**
 * Makes sure that the file and its folder exist and can be written. A new file is for this user alone: it holds
 * password hashes, and SQLite gives its companions (`-wal`, `-shm`) the same mode.
 */
export function prepareFile(path: string): void {
  try {
    const made = mkdirSync(dirname(path), { recursive: true });
    if (made !== undefined) syncFolders(dirname(made), dirname(path));
    closeSync(openSync(path, 'a+', 0o600));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const why = ADVICE[code] ?? code;
    throw new StartError(
      `DATABASE_URL: cannot write the file ${path}: ${why}. Name a file that can be written.`,
      {
        cause: error,
      },
    );
  }
  mustHaveOneName(path);
}

/** The log and the lock are files beside it, called after it: by another name it has others, and is damaged. */
function mustHaveOneName(path: string): void {
  const names = statSync(path).nlink;
  if (names <= 1) return;
  throw new StartError(
    `DATABASE_URL: the file ${path} has ${names} names (hard links), and two of them used at once would damage it: leave it one. Copies are made by goconnect-server backup.`,
  );
}

/** A power cut must not take away the folder that an acknowledged message is in; SQLite syncs only the last one. */
function syncFolders(first: string, last: string): void {
  // Windows knows no fsync of a folder.
  if (process.platform === 'win32') return;
  for (let folder = last; ; folder = dirname(folder)) {
    const opened = openSync(folder, 'r');
    fsyncSync(opened);
    closeSync(opened);
    if (folder === first) return;
  }
}
