import { Child } from '../support/child.mjs';
import { inRounds, ratios } from '../support/rounds.mjs';
import { digits, median, spread } from '../support/statistics.mjs';
import { table } from '../support/table.mjs';
import { CANDIDATES } from './candidates.mjs';

/** @typedef {{ events: number, passes: number, rounds: number, candidates: readonly string[] }} Options */

const BASE = 'socket.io-client';

/** @type {Options} */
export const CLIENT = {
  events: 20_000,
  passes: 10,
  rounds: 5,
  candidates: Object.keys(CANDIDATES),
};

/** @param {Options} options @returns {Promise<Record<string, number[]>>} by candidate, µs an event for each round */
export const measureClients = (options) => inRounds(options, (name) => measureOnce(name, options));

/** @param {string} name @param {Pick<Options, 'events' | 'passes'>} options */
async function measureOnce(name, { events, passes }) {
  const program = new Child(new URL('program.mjs', import.meta.url), [name]);
  try {
    await program.ask('receive', { events });
    const costs = [];
    for (let pass = 0; pass < passes; pass++) costs.push(await program.ask('receive', { events }));
    return median(costs);
  } finally {
    await program.end();
  }
}

/** @param {Options} options @param {Record<string, number[]>} figures */
export function clientTable({ candidates }, figures) {
  const rows = candidates.map((name) => {
    const costs = figures[name] ?? [];
    const times = median(ratios(figures[BASE] ?? [], costs));
    return [
      CANDIDATES[name]?.title() ?? name,
      spread(costs),
      digits(1e6 / median(costs)),
      `${digits(times)} x`,
    ];
  });
  return table(
    ['From the frame to the listener', 'CPU, µs an event', 'events/s of one core', `times less than ${BASE}`],
    rows,
  );
}
