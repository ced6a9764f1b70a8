import { readdir } from 'node:fs/promises';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';

/**
 * What prom-client counts by walking over every socket, each time somebody looks: with 10,000 connections it would keep
 * the event loop for tens of milliseconds. Connections have gauges of their own, which cost nothing.
 */
const WALK_OVER_SOCKETS = [
  'nodejs_active_handles',
  'nodejs_active_handles_total',
  'nodejs_active_resources',
  'nodejs_active_resources_total',
  'process_open_fds',
];

/** A gauge of prom-client that is called `_total`, which is for counters; it has a twin by type beside it. */
const MISNAMED = ['nodejs_active_requests_total'];

/** Each open file is an entry; Linux only. */
const OPEN_FILES = '/proc/self/fd';

let ofProcess: Registry | undefined;

/**
 * CPU, memory, file descriptors, delay of the event loop. Of the process, and observed for as long as it lives: once,
 * however many servers it runs.
 */
export function processMetrics(): Registry {
  if (ofProcess === undefined) {
    ofProcess = new Registry();
    collectDefaultMetrics({ register: ofProcess });
    for (const name of [...WALK_OVER_SOCKETS, ...MISNAMED]) ofProcess.removeSingleMetric(name);
    if (process.platform === 'linux') countOpenFiles(ofProcess);
  }
  return ofProcess;
}

/** The kernel walks over the files too, but not in the event loop's thread. */
function countOpenFiles(register: Registry): void {
  new Gauge({
    name: 'process_open_fds',
    help: 'Number of open file descriptors.',
    registers: [register],
    async collect() {
      const files = await readdir(OPEN_FILES).catch(() => undefined);
      // One of them is the folder itself.
      if (files) this.set(files.length - 1);
    },
  });
}
