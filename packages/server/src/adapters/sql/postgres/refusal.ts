import pg from 'pg';

const INVALID_TEXT = '22P02';

/**
 * SQL that fails unless `found`, an expression, gives `'on'`: a look inside a text of several statements, where nobody sees what each
 * of them gives. It may give a text in place of that, why not, which is no boolean: PostgreSQL repeats it in its error, whatever
 * language that is in.
 */
export const refuseUnless = (found: string): string => `SELECT (${found})::boolean`;

export const isRefusal = (error: unknown, refusal: string): boolean =>
  error instanceof pg.DatabaseError && error.code === INVALID_TEXT && error.message.includes(refusal);
