import { fileURLToPath } from 'node:url';
import { measure } from '../../../scripts/size.mjs';
import { PEERS, versionOf } from '../support/peers.mjs';
import { table } from '../support/table.mjs';
import { USES } from './uses.mjs';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const OURS = '@goconnect/client';

/** @typedef {{ name: string, version: string, bytes: number, beside: string }} Weight */

/** By the settings of `npm run size`. @param {readonly string[]} [names] @returns {Promise<Weight[]>} lightest first */
export async function measureSizes(names = USES.map(({ name }) => name)) {
  const weights = USES.filter(({ name }) => names.includes(name)).map(async ({ name, code, beside }) => {
    const { bytes } = await measure(code, name === OURS ? HERE : PEERS);
    return { name, version: versionOf(name), bytes, beside };
  });
  return (await Promise.all(weights)).sort((one, other) => one.bytes - other.bytes);
}

/** @param {readonly Weight[]} weights */
export function sizeTable(weights) {
  const ours = weights.find(({ name }) => name === OURS)?.bytes ?? Number.NaN;
  const rows = weights.map(({ name, version, bytes, beside }) => [
    `${name} ${version}`,
    (bytes / 1_024).toFixed(1),
    (bytes / ours).toFixed(2),
    beside,
  ]);
  return table(['Create, connect, join, send', 'KB, min + gzip', 'to ours', 'what it does'], rows);
}
