import type { SeededRandom } from '@goconnect/testkit';
import type { Wal } from './wal.js';

/** What is on the disk. */
export interface Files {
  readonly database: Buffer;
  readonly wal: Buffer;
}

/** Disks write sectors whole; between them anything may be missing. */
const SECTOR = 512;
const PAGE = 4096;

/** What a disk may make of bytes that nobody waited for. */
const FATES = ['truncated', 'torn', 'zeroed', 'garbage'] as const;
const WAL_HEADER_BYTES = 32;

/** A disk at a moment when the server was at rest: everything up to the end of the log was synced. */
export interface Rest extends Files {
  readonly log: Wal;
}

export interface PowerCut {
  /** For the report of a failure: what became of what. */
  readonly what: string;
  readonly files: Files;
}

/**
 * The power goes between two moments at which the server was at rest: all that was synced at the first is on the disk,
 * of what was written since, any part.
 */
export function cutBetween(before: Rest, after: Rest, random: SeededRandom): PowerCut {
  if (before.log.salt !== after.log.salt) return cutAnewBegun(before, after, random);
  if (random.chance(0.25) && !before.database.equals(after.database))
    return tearCheckpoint(before, after, random);
  const written = after.wal.subarray(0, after.log.committedEnd);
  const cut = spoil({ under: before.wal, written, synced: before.log.committedEnd, random });
  return { what: cut.what, files: { database: before.database, wal: cut.wal } };
}

/**
 * A log begins anew once everything in it was moved to the database, and that was synced. Its header is synced before
 * the first frame is written: else an old header before new frames would bring old pages back.
 */
function cutAnewBegun({ wal: under }: Files, { database, wal, log }: Rest, random: SeededRandom): PowerCut {
  const written = wal.subarray(0, log.committedEnd);
  const header = written.subarray(0, WAL_HEADER_BYTES);
  const cut = random.chance(0.25)
    ? spoil({ under, written: header, synced: 0, random })
    : spoil({ under, written, synced: WAL_HEADER_BYTES, random });
  return { what: `a log begun anew, ${cut.what}`, files: { database, wal: cut.wal } };
}

/** The control: the disk had confirmed what it did not have. */
export function cutBeforeSync(before: Rest, after: Rest, random: SeededRandom): PowerCut {
  const at = random.integer(before.log.committedEnd, after.log.committedEnd - 1);
  const files = { database: after.database, wal: after.wal.subarray(0, at) };
  return { what: `cut at ${at}, before the last fsync`, files };
}

interface Spoiling {
  /** What the disk held before. */
  readonly under: Buffer;
  /** The log as it was to be, and how much of it is certain. */
  readonly written: Buffer;
  readonly synced: number;
  readonly random: SeededRandom;
}

function spoil({ under, written, synced, random }: Spoiling): {
  readonly what: string;
  readonly wal: Buffer;
} {
  const fate = random.pick(FATES) ?? 'truncated';
  const at = random.integer(synced, Math.max(synced, written.length));
  const what = `${fate} at ${at}, ${synced} synced, ${written.length} written`;
  if (fate === 'truncated') return { what, wal: written.subarray(0, at) };
  const wal = Buffer.alloc(Math.max(under.length, written.length));
  under.copy(wal);
  const left = Buffer.from(wal);
  written.copy(wal);
  if (fate === 'zeroed') wal.fill(0, at, written.length);
  else if (fate === 'garbage') {
    for (let byte = at; byte < written.length; byte++) wal[byte] = random.integer(0, 255);
  } else {
    for (let from = synced; from < written.length; from = nextSector(from))
      if (random.chance(0.5)) left.copy(wal, from, from, Math.min(nextSector(from), written.length));
  }
  return { what, wal };
}

function nextSector(from: number): number {
  return (Math.floor(from / SECTOR) + 1) * SECTOR;
}

/** The log is synced before its pages are moved; the power goes while they are. */
function tearCheckpoint(before: Rest, after: Rest, random: SeededRandom): PowerCut {
  const bytes = (random.chance(0.5) ? before : after).database.length;
  const database = Buffer.alloc(bytes);
  before.database.copy(database);
  let moved = 0;
  for (let at = 0; at < bytes; at += PAGE) {
    if (random.chance(0.5)) continue;
    moved++;
    after.database.copy(database, at, at, at + PAGE);
  }
  const wal = after.wal.subarray(0, after.log.committedEnd);
  return { what: `a checkpoint after ${moved} pages`, files: { database, wal } };
}
