import { readFileSync } from 'node:fs';

/** One instruction of a container file, `FROM` or `RUN` say, with what follows it. */
export interface Instruction {
  readonly name: string;
  readonly text: string;
}

/** What the container file says: before its last `FROM`, and after it, which is what is shipped. */
export function instructions(): {
  readonly build: readonly Instruction[];
  readonly shipped: readonly Instruction[];
} {
  const all = readFileSync(new URL('../../deploy/Dockerfile', import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line && !line.startsWith('#'))
    .map((line) => ({ name: line.split(' ')[0] ?? '', text: line.slice(line.indexOf(' ') + 1) }));
  const last = all.map(({ name }) => name).lastIndexOf('FROM');
  return { build: all.slice(0, last), shipped: all.slice(last) };
}
