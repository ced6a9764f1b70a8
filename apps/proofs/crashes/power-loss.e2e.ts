import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '@goconnect/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { logIn, wholeHistory } from '../support/demo-users.js';
import { effort } from '../support/effort.js';
import { RawConnection } from '../support/raw-connection.js';
import { ServerProcess } from '../support/server-process.js';
import { cutBeforeSync, cutBetween, type Files, type PowerCut } from './power-cut.js';
import { type Acknowledged, integrityOf, judgeSurvivors, readAndAppend, readSurvivors } from './survivors.js';
import { type Moment, ROOM, talkInBursts } from './talk-in-bursts.js';

const SEED = process.env.GOCONNECT_SEED ?? `${Date.now()}`;
const CUTS = effort({ test: 40, ci: 500, prove: 5_000 });
const SERVER_STARTS = effort({ test: 2, ci: 20, prove: 100 });
const CONTROLS = effort({ test: 5, ci: 20, prove: 100 });
const WRITERS = 8;
/** Enough for the log to be moved to the database and begun anew. */
const BURSTS = 60;
const NO_RATE_LIMITS = {
  WS_RATE_CLIENT: '10000/1m',
  WS_RATE_NETWORK: '100000/1m',
  WS_MAX_CONNECTIONS_PER_USER: '1000',
};

const random = createRandom(SEED);
let folder: string;
let moments: Moment[];
let epoch: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'goconnect-power-'));
  const server = await ServerProcess.create(folder, NO_RATE_LIMITS);
  await server.start();
  moments = await talkInBursts({ server, folder, writers: WRITERS, count: BURSTS, random });
  await server.end('SIGKILL');
  const changes = moments
    .slice(1)
    .map(({ log, database }, index) => [
      log.salt !== momentAt(index).log.salt,
      !database.equals(momentAt(index).database),
    ]);
  // A checkpoint and a log begun anew, each in a moment of its own: else the disks made of them never were.
  expect(changes).toContainEqual([false, true]);
  expect(changes).toContainEqual([true, false]);
  expect(changes).not.toContainEqual([true, true]);
  const last = await spread(momentAt(BURSTS));
  epoch = (await readSurvivors(last, ROOM, [])).epoch ?? '';
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function momentAt(index: number): Moment {
  const moment = moments[index];
  if (!moment) throw new Error(`there is no moment ${index}`);
  return moment;
}

/** Puts a disk where a store or a server can start on it. */
async function spread({ database, wal }: Files): Promise<string> {
  const place = join(folder, 'cut');
  await rm(place, { recursive: true, force: true });
  await mkdir(place);
  const path = join(place, 'goconnect.db');
  await writeFile(path, database);
  await writeFile(`${path}-wal`, wal);
  // Never synced, and of no use after a crash: SQLite must not trust it.
  if (random.chance(0.5)) await writeFile(`${path}-shm`, Buffer.alloc(32_768, random.integer(0, 255)));
  return path;
}

/** Mostly anywhere, and often enough where the log was being moved or begun anew. */
function cutSomewhere(): { readonly cut: PowerCut; readonly acknowledged: readonly Acknowledged[] } {
  const moved = Array.from({ length: BURSTS }, (_, index) => index).filter((index) => !goesOn(index));
  const somewhere = random.integer(0, BURSTS - 1);
  const index = random.chance(0.25) ? (random.pick(moved) ?? somewhere) : somewhere;
  const before = momentAt(index);
  return { cut: cutBetween(before, momentAt(index + 1), random), acknowledged: before.acknowledged };
}

/** Nothing happened to the log after this moment but that it grew. */
function goesOn(index: number): boolean {
  const [before, after] = [momentAt(index), momentAt(index + 1)];
  return before.log.salt === after.log.salt && before.database.equals(after.database);
}

it(
  `promise 1: the power goes ${CUTS} times past the last fsync, and nothing acknowledged is lost`,
  async () => {
    const kinds = new Map<string, number>();
    for (let number = 0; number < CUTS; number++) {
      const { cut, acknowledged } = cutSomewhere();
      const kind = cut.what.replace(/ (?:at|after) .*/, '');
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      const path = await spread(cut.files);
      const faults: string[] = [];
      const first = await readSurvivors(path, ROOM, acknowledged);
      faults.push(...judgeSurvivors(first, acknowledged, epoch));
      const second = await readAndAppend(path, ROOM, acknowledged);
      faults.push(...judgeSurvivors(second, acknowledged, epoch).map((fault) => `second start: ${fault}`));
      if (second.next !== (second.seq ?? 0) + 1) faults.push(`after ${second.seq} came ${second.next}`);
      if ((await integrityOf(path)) !== 'ok') faults.push('the file is damaged');
      expect(faults, `GOCONNECT_SEED=${SEED}, cut ${number}: ${cut.what}`).toEqual([]);
    }
    console.log(
      `power loss: ${CUTS} cuts, 0 of ${momentAt(BURSTS).acknowledged.length} acknowledged lost (${[...kinds].map(([kind, count]) => `${count} ${kind}`).join(', ')})`,
    );
  },
  CUTS * 1_000 + 60_000,
);

it(
  'the judge notices each cut before the last fsync',
  async () => {
    for (let number = 0; number < CONTROLS; ) {
      const index = random.integer(1, BURSTS - 1);
      // What a checkpoint has moved is safe without the log.
      if (!goesOn(index)) continue;
      const { acknowledged } = momentAt(index + 1);
      const { what, files } = cutBeforeSync(momentAt(index), momentAt(index + 1), random);
      const found = await readSurvivors(await spread(files), ROOM, acknowledged);
      const lost = judgeSurvivors(found, acknowledged, epoch).filter((fault) => fault.startsWith('lost'));
      expect(lost.length, `GOCONNECT_SEED=${SEED}: ${what}`).toBeGreaterThan(0);
      number++;
    }
  },
  CONTROLS * 1_000 + 60_000,
);

/** Sends again what was acknowledged last; every answer must be the same one. */
async function repeat(server: ServerProcess, acknowledged: readonly Acknowledged[]): Promise<string[]> {
  const faults: string[] = [];
  for (const user of ['ada', 'grace', 'linus'] as const) {
    const { accessToken, userId } = await logIn(server.http, user);
    const connection = await RawConnection.open(server.webSocket, accessToken);
    for (const { opId, body, reply } of acknowledged.filter((of) => of.userId === userId)) {
      const { data } = await connection.ask('chat.send', opId, { scope: ROOM, body });
      if (JSON.stringify(data) !== JSON.stringify(reply)) faults.push(`${opId}: ${JSON.stringify(data)}`);
    }
    await connection.close();
  }
  return faults;
}

it(
  `B4.1: the real server, started twice on each of ${SERVER_STARTS} such disks, gives the same acks again`,
  async () => {
    for (let number = 0; number < SERVER_STARTS; number++) {
      const { cut, acknowledged } = cutSomewhere();
      const path = await spread(cut.files);
      const server = await ServerProcess.create(join(path, '..'), NO_RATE_LIMITS);
      const faults: string[] = [];
      try {
        for (const start of ['first', 'second']) {
          await server.start();
          const found = () => logIn(server.http, 'ada').then((ada) => wholeHistory(server.http, ada, ROOM));
          const before = await found();
          const ids = new Set(before.map(({ id }) => id));
          const lost = acknowledged.filter(({ reply }) => !ids.has(reply.message_id));
          faults.push(...lost.map(({ opId }) => `${start} start: lost ${opId}`));
          faults.push(...(await repeat(server, acknowledged.slice(-3 * WRITERS))));
          const after = await found();
          if (after.length !== before.length) faults.push('a repeat had a second effect');
          await server.end(start === 'first' ? 'SIGKILL' : 'SIGTERM');
        }
      } catch (cause) {
        throw new Error(`GOCONNECT_SEED=${SEED}: ${cut.what}; ${server.condition}`, { cause });
      } finally {
        await server.end('SIGKILL');
      }
      expect(faults, `GOCONNECT_SEED=${SEED}: ${cut.what}`).toEqual([]);
    }
  },
  SERVER_STARTS * 10_000 + 60_000,
);
