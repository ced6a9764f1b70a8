import { readFileSync } from 'node:fs';

export interface FrameCase {
  readonly name: string;
  readonly frame: string;
  /** `ack`, or the code of the error, its reason and the field. */
  readonly answer: string;
}

export interface HttpCase {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly token: boolean;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const read = <T>(file: string): readonly T[] =>
  JSON.parse(readFileSync(new URL(`./corpus/${file}.json`, import.meta.url), 'utf8')) as readonly T[];

export const FRAMES = read<FrameCase>('frames');
export const REQUESTS = read<HttpCase>('http');

/** `«x*5000»` stands for 5,000 times `x`, so that the files can be read. */
export function written(text: string): string {
  return text.replace(/«(.+?)\*(\d+)»/gu, (_, unit: string, times: string) => unit.repeat(Number(times)));
}

/** A1.6. */
export const LONGEST_TURN_MS = 50;
