import { Child } from '../support/child.mjs';
import { versionOf } from '../support/peers.mjs';
import { inRounds, ratios } from '../support/rounds.mjs';
import { digits, median, spread } from '../support/statistics.mjs';
import { table } from '../support/table.mjs';

/** @typedef {{ perTurn: number, turns: number }} Load */
/** @typedef {{ members: number, rounds: number, loads: readonly Load[], candidates: readonly string[] }} Options */

/** What everybody is compared with. */
const BASE = 'ws';

/** @type {Options} */
export const FAN_OUT = {
  members: 1_000,
  rounds: 5,
  loads: [
    { perTurn: 1, turns: 100 },
    { perTurn: 10, turns: 30 },
    { perTurn: 50, turns: 15 },
  ],
  candidates: ['goconnect', 'ws', 'ws-joined', 'socket.io', 'net'],
};

/**
 * Processor time of the server for each delivery, in microseconds.
 * @param {Options} options @returns {Promise<Record<string, number[][]>>} by candidate, for each round one figure for each load
 */
export const measureFanOut = (options) => inRounds(options, (name) => measureOnce(name, options));

/** @param {string} name @param {Pick<Options, 'members' | 'loads'>} options */
async function measureOnce(name, { members, loads }) {
  const server = new Child(new URL('server.mjs', import.meta.url), [name]);
  const crowd = new Child(new URL('crowd.mjs', import.meta.url));
  let each = 0;

  /** The next turn begins when everybody has heard the last. @param {Load} load */
  async function talk({ perTurn, turns }) {
    for (let turn = 0; turn < turns; turn++) {
      each += perTurn;
      await Promise.all([server.ask('say', { perTurn }), crowd.ask('everybodyHeard', { each })]);
    }
  }

  try {
    await crowd.ask('arrive', { ...(await server.ask('open')), members });
    const costs = [];
    for (const load of loads) {
      await talk({ ...load, turns: Math.ceil(load.turns / 5) });
      const before = await server.ask('cpu');
      await talk(load);
      const after = await server.ask('cpu');
      costs.push((after - before) / (load.turns * load.perTurn * members));
    }
    return costs;
  } finally {
    await Promise.all([server.end(), crowd.end()]);
  }
}

/** @type {Record<string, () => string>} */
const NAMES = {
  goconnect: () => `GoConnect ${versionOf('@goconnect/server')}`,
  ws: () => `ws ${versionOf('ws')}, a loop of \`send\``,
  'ws-joined': () => `ws ${versionOf('ws')}, a turn joined into one frame`,
  'socket.io': () => `socket.io ${versionOf('socket.io')}, \`io.to(room).emit\``,
  net: () => 'plain TCP (`net`), one write a turn: the floor',
};

/** @param {Options} options @param {Record<string, number[][]>} figures */
export function fanOutTable({ loads, candidates }, figures) {
  const head = [
    'CPU of the server, µs a delivery · times less than ws',
    ...loads.map(({ perTurn }) => `${perTurn} a turn`),
  ];
  const cost = (/** @type {string} */ name, /** @type {number} */ load) =>
    (figures[name] ?? []).map((round) => round[load] ?? Number.NaN);
  const rows = candidates.map((name) => [
    NAMES[name]?.() ?? name,
    ...loads.map((_, load) => {
      const times = median(ratios(cost(BASE, load), cost(name, load)));
      return `${spread(cost(name, load))} · ${digits(times)} x`;
    }),
  ]);
  return table(head, rows);
}
