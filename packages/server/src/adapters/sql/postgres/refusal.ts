import pg from 'pg';

const INVALID_TEXT = '22P02';

/**
 * SQL that fails with `refusal` unless the query `found` gives `'on'`: a look inside a text of several statements, where
 * nobody sees what each of them gives. The refusal is no boolean, so PostgreSQL repeats it in its error, whatever language that is in.
 */
export const refuseUnless = (found: string, refusal: string): string =>
  `SELECT coalesce((${found}), '${refusal}')::boolean`;

export const isRefusal = (error: unknown, refusal: string): boolean =>
  error instanceof pg.DatabaseError && error.code === INVALID_TEXT && error.message.includes(refusal);
