import { collectDefaultMetrics, Registry } from 'prom-client';

/** Gauges of prom-client that are called `_total`, which is for counters; each has a twin by type beside it. */
const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

let ofProcess: Registry | undefined;

/**
 * CPU, memory, file descriptors, delay of the event loop. Of the process, and observed for as long as it lives: once,
 * however many servers it runs.
 */
export function processMetrics(): Registry {
  if (ofProcess === undefined) {
    ofProcess = new Registry();
    collectDefaultMetrics({ register: ofProcess });
    for (const name of MISNAMED) ofProcess.removeSingleMetric(name);
  }
  return ofProcess;
}
