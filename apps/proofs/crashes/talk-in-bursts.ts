import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SeededRandom } from '@goconnect/testkit';
import { type DemoUser, logIn } from '../support/demo-users.js';
import { RawConnection } from '../support/raw-connection.js';
import type { ServerProcess } from '../support/server-process.js';
import type { Rest } from './power-cut.js';
import type { Acknowledged } from './survivors.js';
import { readWal } from './wal.js';

export const ROOM = 'network:lobby';
const USERS: readonly DemoUser[] = ['ada', 'grace', 'linus'];
const LONGEST_BODY = 4_000;
/** SQLite moves the log into the database when a commit leaves it this long: 1,000 pages. */
const CHECKPOINT_BYTES = 1_000 * 4_120;
/** More than a burst writes. */
const BURST_BYTES = 600_000;

/** What the disk held at rest after a burst, and what had been acknowledged by then. */
export interface Moment extends Rest {
  readonly acknowledged: readonly Acknowledged[];
}

export interface Bursts {
  readonly server: ServerProcess;
  readonly folder: string;
  readonly writers: number;
  readonly count: number;
  readonly random: SeededRandom;
}

/** Writers talk all at once, wait for their acks, and again. Between two bursts the server is at rest. */
export async function talkInBursts({ server, folder, writers, count, random }: Bursts): Promise<Moment[]> {
  const connections = await Promise.all(
    Array.from({ length: writers }, async (_, index) => {
      const { accessToken, userId } = await logIn(server.http, USERS[index % USERS.length] ?? 'ada');
      return { userId, connection: await RawConnection.open(server.webSocket, accessToken) };
    }),
  );
  const acknowledged: Acknowledged[] = [];
  const moments = [await keep(folder, [])];
  for (let burst = 1; burst <= count; burst++) {
    // Around a checkpoint one transaction at a time, so that no moment in between is missed.
    const talking = isNearCheckpoint(moments.at(-1)) ? connections.slice(0, 1) : connections;
    const sent = talking.map(async ({ userId, connection }, index) => {
      const opId = randomUUID();
      const body = `w${index} ${burst} `.padEnd(random.integer(10, LONGEST_BODY), '.');
      const { data, error } = await connection.ask('chat.send', opId, { scope: ROOM, body });
      if (data === undefined) throw new Error(`${opId} was answered with ${error?.code}`);
      acknowledged.push({ userId, opId, body, reply: data as Acknowledged['reply'] });
    });
    await Promise.all(sent);
    moments.push(await keep(folder, [...acknowledged]));
  }
  for (const { connection } of connections) await connection.close();
  return moments;
}

function isNearCheckpoint(moment: Moment | undefined): boolean {
  return (moment?.log.committedEnd ?? 0) > CHECKPOINT_BYTES - BURST_BYTES;
}

async function keep(folder: string, acknowledged: readonly Acknowledged[]): Promise<Moment> {
  const path = join(folder, 'goconnect.db');
  const [database, wal] = [await readFile(path), await readFile(`${path}-wal`)];
  return { database, wal, log: readWal(wal), acknowledged };
}
