import { existsSync, unlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { type EventLoopUtilization, monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Sample } from './sample.js';

// Preloaded into a server process (`--import`): tells whoever asks over a local socket what the process holds. Nothing of
// it keeps the process alive or changes what the server does.

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
// A turn is told as longer than it was by up to this time.
const PROBE_MS = 1;
const loop = monitorEventLoopDelay({ resolution: PROBE_MS });
loop.enable();
let before: EventLoopUtilization = performance.eventLoopUtilization();

const MS = 1e6;

/** One timer turn apart: finalizers and freed pages need a moment of their own. */
async function collectAll(): Promise<void> {
  for (let round = 0; round < 4; round++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

function resources(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of process.getActiveResourcesInfo()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

function sample(): Sample {
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const utilization = performance.eventLoopUtilization(before);
  return {
    rss,
    heapUsed,
    external,
    arrayBuffers,
    resources: resources(),
    cpuMs: (user + system) / 1_000,
    loop: { maxMs: loop.max / MS, p99Ms: loop.percentile(99) / MS, utilization: utilization.utilization },
  };
}

/** The figures of the event loop begin anew. */
function reset(): void {
  loop.reset();
  before = performance.eventLoopUtilization();
}

const server = createServer((socket) => {
  socket.unref();
  socket.on('error', () => {});
  createInterface({ input: socket }).on('line', async (question) => {
    if (question === 'reset') reset();
    if (question === 'collected') await collectAll();
    socket.write(`${JSON.stringify(sample())}\n`);
  });
});
const place = process.env.LOAD_OBSERVER ?? '';
// A process that was killed has left its socket behind.
if (existsSync(place)) unlinkSync(place);
server.listen(place);
server.unref();
