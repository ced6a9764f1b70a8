import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';

const FOLDER = new URL('../../golden/', import.meta.url);

export type Json = { [key: string]: unknown };

export interface Change {
  readonly why: string;
  readonly at: string;
  readonly put?: unknown;
  readonly remove?: boolean;
  readonly repeat?: string | readonly unknown[];
  readonly times?: number;
}

export interface Part {
  readonly valid: readonly { readonly why: string; readonly envelope: Json; readonly reads?: unknown }[];
  readonly accepted?: readonly Change[];
  readonly refused: readonly (Change & { readonly field: string; readonly kind?: string })[];
}

export interface Golden {
  readonly type: string;
  readonly since: string;
  readonly request?: Part;
  readonly reply?: Part;
  readonly event?: Part;
  readonly envelope?: Part;
}

/** Every golden file, by the name of the file without its ending. */
export function readGolden(): ReadonlyMap<string, Golden> {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.json'));
  return new Map(
    files.map((file) => [
      basename(file, '.json'),
      JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as Golden,
    ]),
  );
}

/** A copy of `envelope` with one change. */
export function changed(envelope: Json, { at, put, remove, repeat, times = 0 }: Change): Json {
  const copy = structuredClone(envelope);
  const path = at.split('.');
  const last = path.pop() as string;
  const parent = path.reduce((value, key) => value[key] as Json, copy);
  if (remove) delete parent[last];
  else if (typeof repeat === 'string') parent[last] = repeat.repeat(times);
  else if (repeat) parent[last] = Array.from({ length: times }, () => repeat[0]);
  else parent[last] = put;
  return copy;
}

/** Every envelope that must be accepted, and every one that must be refused. */
export function samples(part: Part) {
  const [first] = part.valid;
  if (!first) throw new Error('A golden file needs a valid example.');
  return {
    accepted: [
      ...part.valid,
      ...(part.accepted ?? []).map((change) => ({
        why: change.why,
        envelope: changed(first.envelope, change),
        reads: undefined,
      })),
    ],
    refused: part.refused.map((change) => ({ ...change, envelope: changed(first.envelope, change) })),
  };
}
