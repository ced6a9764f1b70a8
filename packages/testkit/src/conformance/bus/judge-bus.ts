import { type ConformanceReport, summarise } from '../outcome.js';
import { type Environment, type RunOptions, runCases } from '../run-cases.js';
import { BUS_CASES, type BusEnv, type BusTarget, type BusUnderTest } from './bus-cases.js';

/** Judges a bus. Never rejects. */
export async function judgeBus(target: BusTarget, options: RunOptions = {}): Promise<ConformanceReport> {
  const run = await runCases(BUS_CASES, environment(target), options);
  return summarise('bus', target.name, run);
}

function environment(target: BusTarget): Environment<BusEnv> {
  return {
    lacks: () => undefined,
    async open() {
      const nodes: BusUnderTest[] = [];
      const node = async () => {
        const bus = await target.open();
        nodes.push(bus);
        return bus;
      };
      return {
        env: { node },
        async close() {
          for (const one of nodes) await one.close();
        },
      };
    },
  };
}
