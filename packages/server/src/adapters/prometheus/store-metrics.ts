import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { STORE_ERROR_REASONS, STORE_FAULTS } from '../../ports/store-error.js';
import type { StoreMetrics } from '../../ports/store-metrics.js';

/** A transaction shares 256 works at most. */
const WORKS = [1, 2, 4, 8, 16, 32, 64, 128, 256];
/** An fsync takes 0.1 ms on a good disk, and a second on one that is about to fail. */
const COMMIT_S = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

export function storeMetrics(registers: Registry[]): StoreMetrics {
  const seconds = new Histogram({
    name: 'goconnect_store_commit_duration_seconds',
    help: 'Time of a transaction, from its begin to its fsync',
    buckets: COMMIT_S,
    registers,
  });
  const works = new Histogram({
    name: 'goconnect_store_commit_works',
    help: 'Operations that share a transaction',
    buckets: WORKS,
    registers,
  });
  const waiting = new Gauge({
    name: 'goconnect_store_waiting_works',
    help: 'Operations queued behind the last commit',
    registers,
  });
  const refused = new Counter({
    name: 'goconnect_store_refused_works_total',
    help: 'Operations that the store did not take, or cannot answer for, by reason',
    labelNames: ['reason'],
    registers,
  });
  const doubts = new Counter({
    name: 'goconnect_store_doubts_total',
    help: 'Commits that the database did not answer for, by what the store found out about them',
    labelNames: ['outcome'],
    registers,
  });
  const fault = new Gauge({
    name: 'goconnect_store_fault',
    help: '1 while the database does not work, by what is wrong with it',
    labelNames: ['fault'],
    registers,
  });
  for (const word of STORE_FAULTS) fault.set({ fault: word }, 0);
  for (const reason of STORE_ERROR_REASONS) refused.inc({ reason }, 0);
  for (const outcome of ['committed', 'lost', 'unknown']) doubts.inc({ outcome }, 0);
  return {
    committed(commit) {
      seconds.observe(commit.seconds);
      works.observe(commit.works);
      waiting.set(commit.waiting);
    },
    refused: (reason, count) => refused.inc({ reason }, count),
    doubted: (outcome) => doubts.inc({ outcome }),
    fault(now) {
      for (const word of STORE_FAULTS) fault.set({ fault: word }, word === now ? 1 : 0);
    },
  };
}
