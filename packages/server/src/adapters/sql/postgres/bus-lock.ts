import type pg from 'pg';

/** Any number that no other lock of ours has. */
const BUS_LOCK = 740_592_611;

/** Holds, in the session that holds the database, a lock that shows the others of the fleet by which bus this server hears them. */
export async function showBus(client: pg.Client, bus: string): Promise<void> {
  await client.query('SELECT pg_advisory_lock_shared($1::int, hashtext($2))', [BUS_LOCK, bus]);
}

/** How many servers hold the same database and show another bus than this one. */
export async function countOtherBuses(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ servers: number }>(
    `SELECT count(DISTINCT theirs.pid)::int AS servers
     FROM pg_locks AS held
     JOIN pg_locks AS theirs USING (locktype, database, classid, objid)
     JOIN pg_locks AS bus ON bus.pid = theirs.pid AND bus.locktype = 'advisory' AND bus.classid = $1
     WHERE held.locktype = 'advisory' AND held.pid = pg_backend_pid() AND held.classid <> $1
       AND bus.objid <> (SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND classid = $1 AND pid = pg_backend_pid())`,
    [BUS_LOCK],
  );
  return rows[0]?.servers ?? 0;
}
