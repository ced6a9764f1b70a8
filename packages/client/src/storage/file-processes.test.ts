import { mkdtemp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../testing/outbox-process.js';
import { buildOutboxProcess, OutboxProcess, removeFolder } from '../testing/outbox-processes.js';
import { type StoragePlace, sharingContract, storageContract } from '../testing/storage-contract.js';

let built: Awaited<ReturnType<typeof buildOutboxProcess>>;
beforeAll(async () => {
  built = await buildOutboxProcess();
});
afterAll(() => removeFolder(built.folder));

/** Forking is dear: in the short form the loop alone, which is the hardest. */
const FORM = process.env.GOCONNECT_PROVE ? 'long' : process.env.GOCONNECT_REQUIRE_ALL ? 'medium' : 'short';
const KILLS = { short: 5, medium: 60, long: 1_000 }[FORM];

async function createPlace(): Promise<StoragePlace> {
  const folder = await mkdtemp(join(built.folder, 'place-'));
  const processes: OutboxProcess[] = [];
  return {
    async owner() {
      const owner = new OutboxProcess(built.script, folder);
      processes.push(owner);
      return { storage: owner.storage, crash: () => owner.kill() };
    },
    async clear() {
      await Promise.all(processes.map((one) => one.kill()));
    },
  };
}

if (FORM !== 'short') {
  storageContract('fileStorage in processes killed with -9', createPlace);
  sharingContract('fileStorage in processes killed with -9', createPlace);
}

/** What the parent knows of each operation: who has it, and what became of it. */
class Ledger {
  readonly kept = new Set<string>();
  readonly removing = new Set<string>();
  readonly removed = new Set<string>();
  readonly wrong: string[] = [];
  readonly #owners = new Map<string, number>();
  readonly #alive = new Set<number>();

  born(process: number): void {
    this.#alive.add(process);
  }
  died(process: number): void {
    this.#alive.delete(process);
  }
  hear(process: number, report: Report): void {
    if ('kept' in report) {
      this.kept.add(report.kept);
      this.#owners.set(report.kept, process);
    } else if ('removing' in report) this.removing.add(report.removing);
    else if ('removed' in report) this.removed.add(report.removed);
    else if ('fault' in report) this.wrong.push(report.fault);
    else if ('found' in report) for (const { opId } of report.found) this.#found(process, opId);
  }
  #found(process: number, opId: string): void {
    const owner = this.#owners.get(opId);
    if (owner !== undefined && owner !== process && this.#alive.has(owner)) {
      this.wrong.push(`${opId} of ${owner}, which is alive, was given to ${process}`);
    }
    if (this.removed.has(opId)) this.wrong.push(`${opId} came back after it was removed`);
    this.#owners.set(opId, process);
  }
}

describe('two processes on one folder, killed again and again', () => {
  it(`lose nothing and never both have one operation, over ${KILLS} kills`, {
    timeout: 120_000 + KILLS * 10_000,
  }, async () => {
    const folder = await mkdtemp(join(built.folder, 'loop-'));
    const ledger = new Ledger();
    let made = 0;
    const start = async () => {
      const number = ++made;
      const process = new OutboxProcess(built.script, folder, (report) => ledger.hear(number, report));
      ledger.born(number);
      await process.storage.load({ found: () => {}, fault: () => {} });
      await process.work(`p${number}`);
      return { number, process };
    };
    const pair = [await start(), await start()] as const;
    const running = [...pair];
    for (let kills = 0; kills < KILLS; kills++) {
      const enough = ledger.kept.size + 40 + ((kills * 37) % 100);
      while (ledger.kept.size < enough) await turn();
      const [victim] = running.splice(kills % 2, 1);
      if (!victim) throw new Error('nobody to kill');
      // Its heir may tell before we hear of its end.
      ledger.died(victim.number);
      await victim.process.kill();
      running.push(await start());
    }
    for (const { number, process } of running) {
      ledger.died(number);
      await process.kill();
    }
    const last = new OutboxProcess(built.script, folder, (report) => ledger.hear(++made, report));
    const found: string[] = [];
    await last.storage.load({
      found: (operations) => void found.push(...operations.map(({ opId }) => opId)),
      fault: ({ message }) => void ledger.wrong.push(message),
    });
    for (const opId of found) await last.storage.remove(opId);
    await last.storage.close?.();
    await last.kill();
    expect(ledger.wrong).toEqual([]);
    // What somebody began to remove may be gone without a word; everything else must be there.
    const lost = [...ledger.kept].filter((opId) => !found.includes(opId) && !ledger.removing.has(opId));
    expect(lost).toEqual([]);
    expect(new Set(found).size).toBe(found.length);
    expect(await readdir(folder)).toEqual([]);
    console.info(`${KILLS} kills, ${ledger.kept.size} operations kept, ${found.length} inherited at the end`);
  });
});
