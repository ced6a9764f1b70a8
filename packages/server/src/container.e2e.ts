import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, chown, cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { instructions } from './testing/container-file.js';

// Where no container engine runs, the steps of the container file are run without one: a copy of what an engine would
// send, the commands of the build stage, then what is shipped, as its user, with everything but its volume read-only.

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const SECRET = 'a secret of this test, over 32 bytes long';

const run = promisify(execFile);
const { build, shipped } = instructions();
const textOf = (name: string) => shipped.find((one) => one.name === name)?.text ?? '';

/** Whether a path of the repository is kept back, as `.dockerignore` says. */
function isIgnored(path: string): boolean {
  return readFileSync(join(ROOT, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line && !line.startsWith('#'))
    .some((pattern) => {
      const name = pattern.replace(/^\*\*\//, '');
      const wild = new RegExp(`^${name.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`);
      return pattern.startsWith('**/') ? path.split(sep).some((part) => wild.test(part)) : wild.test(path);
    });
}

describe('the steps of the container file', () => {
  let folder: string;
  const place = (name: string) => join(folder, name);
  /** Commands as they stand there, at places of this test. */
  const here = (text: string) => text.replaceAll('/app', place('app')).replaceAll('/data', place('data'));

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'goconnect-container-'));
    await chmod(folder, 0o755);
    await cp(ROOT, place('src'), { recursive: true, filter: (path) => !isIgnored(relative(ROOT, path)) });
    const { PATH, HOME } = process.env;
    for (const { text } of build.filter(({ name }) => name === 'RUN')) {
      const [command = '', ...args] = here(text).split(' ');
      await run(command, args, { cwd: place('src'), env: { PATH, HOME }, maxBuffer: 2 ** 26 });
    }
    await mkdir(place('data'), { mode: 0o700 });
  }, 300_000);
  afterAll(async () => {
    await run('chmod', ['-R', 'u+w', folder]);
    await rm(folder, { recursive: true, force: true });
  });

  it('make a server which runs as nobody special, writes to its volume only, tells its health and stops on the signal', async () => {
    const [uid = 0, gid = 0] = textOf('USER').split(':').map(Number);
    const isRoot = process.getuid?.() === 0;
    if (isRoot) await chown(place('data'), uid, gid);
    await run('chmod', ['-R', 'a-w', place('app')]);
    const settings = Object.fromEntries(
      here(textOf('ENV'))
        .split(' ')
        .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)] as const),
    );
    const env = { PATH: process.env.PATH, ...settings, PORT: '0', JWT_SECRET: SECRET };
    const [command = '', ...args] = JSON.parse(here(textOf('ENTRYPOINT')));
    const child = spawn(command, args, { cwd: place('app'), env, ...(isRoot && { uid, gid }) });
    let output = '';
    const port = await new Promise<string>((resolve, reject) => {
      const hear = (chunk: Buffer) => {
        output += chunk;
        const [, found] = /"port":(\d+)/.exec(output) ?? [];
        if (found !== undefined) resolve(found);
      };
      child.stdout.on('data', hear);
      child.stderr.on('data', hear);
      child.on('exit', (code) => reject(new Error(`ended with ${code}: ${output}`)));
    });
    const [, check = ''] = textOf('HEALTHCHECK').split('CMD ');
    const [program = '', ...words] = JSON.parse(check);
    const probe = run(program, words, { env: { ...env, PORT: port } });
    await expect(probe, output).resolves.toBeDefined();
    expect(existsSync(join(place('data'), 'goconnect.db'))).toBe(true);

    child.kill(textOf('STOPSIGNAL') as NodeJS.Signals);
    expect(await once(child, 'exit')).toEqual([0, null]);
    await expect(run(program, words, { env: { ...env, PORT: port } })).rejects.toThrow();
  }, 60_000);

  it('ship what the server needs and nothing that it was built with', () => {
    const has = (name: string) => existsSync(join(place('app'), 'node_modules', name));
    expect([has('ws'), has('jose'), has('vitest'), has('tsup')]).toEqual([true, true, false, false]);
  });
});
