import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const PROGRAMS = ['observer', 'raw-crowd', 'client-crowd'] as const;
export type ProgramName = (typeof PROGRAMS)[number];

/** Where a child finds the packages that this one depends on. */
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/', import.meta.url));

/** The programs of this folder as plain JavaScript, for processes of their own. */
export class ChildPrograms {
  private constructor(private readonly folder: string) {}

  static async build(): Promise<ChildPrograms> {
    await mkdir(CACHE, { recursive: true });
    const folder = await mkdtemp(join(CACHE, 'load-'));
    await build({
      entryPoints: PROGRAMS.map((name) => fileURLToPath(new URL(`${name}.ts`, import.meta.url))),
      outdir: folder,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      target: 'node20',
      logLevel: 'warning',
    });
    return new ChildPrograms(folder);
  }

  path(name: ProgramName): string {
    return join(this.folder, `${name}.mjs`);
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}
