import pg from 'pg';
import type { StoreFault } from '../../../ports/store-error.js';
import { isFencedOff } from './fence.js';

/** Codes of PostgreSQL, whole or their class of two letters. */
const BY_CODE: Readonly<Record<string, StoreFault>> = {
  '53100': 'disk_full',
  '25006': 'read_only',
  '58030': 'io_error',
  XX001: 'damaged',
  XX002: 'damaged',
  // No connection is left, or it shuts down, has crashed or is starting, or did not hear from us for too long.
  '53300': 'unreachable',
  '57P01': 'unreachable',
  '57P02': 'unreachable',
  '57P03': 'unreachable',
  '25P03': 'unreachable',
  '08': 'unreachable',
};

/** What an error says about the database; undefined when it is about the statement. */
export function postgresFault(error: unknown): StoreFault | undefined {
  if (!(error instanceof Error)) return undefined;
  if (isFencedOff(error)) return 'taken_over';
  // Without a code of the server nothing came from it: the connection broke, was refused or is silent.
  if (!(error instanceof pg.DatabaseError)) return 'unreachable';
  const { code = '' } = error;
  return BY_CODE[code] ?? BY_CODE[code.slice(0, 2)];
}
