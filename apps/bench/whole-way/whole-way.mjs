import { closeSync, fsyncSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Child } from '../support/child.mjs';
import { versionOf } from '../support/peers.mjs';
import { inRounds, ratios } from '../support/rounds.mjs';
import { digits, median, spread } from '../support/statistics.mjs';
import { table } from '../support/table.mjs';

/**
 * @typedef {object} Options
 * @property {number} members
 * @property {number} rounds
 * @property {{ senders: number, window: number, warmUpS: number, seconds: number }} flood
 * @property {{ senders: number, perSecond: number, seconds: number }} pace
 * @property {readonly string[]} candidates
 */

/** @typedef {{ perSecond: number, floodP99: number, paceP50: number, paceP99: number }} Figures */

/** What everybody is compared with. */
const BASE = 'socket.io';
/** On the disk of this folder: what is called /tmp may be memory, where an fsync costs nothing. */
const CACHE = fileURLToPath(new URL('../../../.cache', import.meta.url));

/** @type {Options} */
export const WHOLE_WAY = {
  members: 200,
  rounds: 3,
  flood: { senders: 100, window: 4, warmUpS: 3, seconds: 8 },
  pace: { senders: 100, perSecond: 100, seconds: 8 },
  candidates: ['goconnect', 'ws', 'socket.io', 'socket.io-one-by-one'],
};

/** @param {Options} options @returns {Promise<Record<string, Figures[]>>} by candidate, for each round */
export const measureWholeWay = (options) => inRounds(options, (name) => measureOnce(name, options));

/** @param {string} name @param {Pick<Options, 'members' | 'flood' | 'pace'>} options @returns {Promise<Figures>} */
async function measureOnce(name, { members, flood, pace }) {
  const folder = temporaryFolder();
  const server = new Child(new URL('server.mjs', import.meta.url), [name, folder]);
  const crowd = new Child(new URL('crowd.mjs', import.meta.url));
  try {
    await crowd.ask('arrive', { ...(await server.ask('open')), members });
    // The pace comes first, so that all have as little in their database; what it takes to warm up is thrown away.
    await crowd.ask('pace', { ...pace, seconds: flood.warmUpS });
    const steady = await crowd.ask('pace', pace);
    const fast = await crowd.ask('flood', flood);
    return { perSecond: fast.perSecond, floodP99: fast.p99, paceP50: steady.p50, paceP99: steady.p99 };
  } finally {
    await Promise.all([server.end(), crowd.end()]);
    rmSync(folder, { recursive: true, force: true });
  }
}

function temporaryFolder() {
  mkdirSync(CACHE, { recursive: true });
  return mkdtempSync(join(CACHE, 'bench-'));
}

/** What this disk takes for an fsync of one page, in ms: the median of 100. */
export function fsyncMs() {
  const folder = temporaryFolder();
  const file = openSync(join(folder, 'page'), 'w');
  try {
    const page = Buffer.alloc(4_096, 1);
    const taken = Array.from({ length: 100 }, () => {
      const start = performance.now();
      writeSync(file, page);
      fsyncSync(file);
      return performance.now() - start;
    });
    return median(taken);
  } finally {
    closeSync(file);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @type {Record<string, () => string>} */
const NAMES = {
  goconnect: () => `GoConnect ${versionOf('@goconnect/server')}`,
  ws: () => `ws ${versionOf('ws')}, our group commit`,
  'socket.io': () => `socket.io ${versionOf('socket.io')}, our group commit`,
  'socket.io-one-by-one': () => `socket.io ${versionOf('socket.io')}, a transaction for each message`,
};

/** @param {Options} options @param {Record<string, Figures[]>} figures */
export function wholeWayTable({ flood, pace, members, candidates }, figures) {
  const head = [
    `${members} members, each ack after its fsync`,
    `messages/s, ${flood.senders * flood.window} on their way`,
    `to ${BASE}`,
    'their p99 of delivery, ms',
    `at ${pace.perSecond}/s: p50, ms`,
    'p99, ms',
  ];
  const of = (/** @type {string} */ name, /** @type {keyof Figures} */ figure) =>
    (figures[name] ?? []).map((round) => round[figure]);
  const rows = candidates.map((name) => {
    const times = median(ratios(of(name, 'perSecond'), of(BASE, 'perSecond')));
    return [
      NAMES[name]?.() ?? name,
      spread(of(name, 'perSecond')),
      `${digits(times)} x`,
      spread(of(name, 'floodP99')),
      spread(of(name, 'paceP50')),
      spread(of(name, 'paceP99')),
    ];
  });
  return table(head, rows);
}
