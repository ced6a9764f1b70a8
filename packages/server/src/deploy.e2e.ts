import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toolOrSkip } from '../../../scripts/tools.mjs';
import { readSettings } from './settings/read-settings.js';
import { instructions } from './testing/container-file.js';

const run = promisify(execFile);
const PACKAGE = fileURLToPath(new URL('..', import.meta.url));
const deployed = (file: string) => readFileSync(join(PACKAGE, 'deploy', file), 'utf8');
const guide = readFileSync(join(PACKAGE, 'OPERATIONS.md'), 'utf8');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'goconnect-deploy-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const analyze = toolOrSkip('systemd-analyze');

describe.skipIf(analyze === undefined)('the systemd unit', () => {
  it('is one that systemd finds nothing wrong with, and hardly exposed', async () => {
    const unit = join(folder, 'goconnect-server.service');
    // Only the program is another: the one of the unit is not installed here.
    const text = deployed('goconnect-server.service').replace(/^ExecStart=.*$/m, 'ExecStart=/bin/true');
    writeFileSync(unit, text);
    expect(await run(analyze ?? '', ['verify', unit])).toMatchObject({ stdout: '', stderr: '' });
    // 0 is best, 10 worst; the threshold is in tenths.
    await run(analyze ?? '', ['security', '--offline=true', '--threshold=20', unit]);
  });
});

it('the systemd unit runs what the guide installs, and where', () => {
  const [, folder, name] = /npm install --prefix (\S+) (\S+)/.exec(guide) ?? [];
  const { bin } = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8'));
  const program = `${folder}/node_modules/${name}/${bin['goconnect-server']}`;
  expect(deployed('goconnect-server.service')).toContain(`\nExecStart=/usr/bin/node ${program}\n`);
});

const { build, shipped } = instructions();
const textsOf = (name: string) =>
  [...build, ...shipped].filter((one) => one.name === name).map(({ text }) => text);
const shippedText = (name: string) => shipped.find((one) => one.name === name)?.text;

describe('the container file', () => {
  it('has two stages on one exact version, a user who is not root, a health check, and no secret', () => {
    expect(textsOf('FROM')).toHaveLength(2);
    expect(textsOf('ARG')).toEqual([expect.stringMatching(/^NODE_VERSION=\d+\.\d+\.\d+$/)]);
    expect(textsOf('FROM').every((image) => image.includes(`:\${NODE_VERSION}-`))).toBe(true);
    expect(shippedText('USER')).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    expect(shippedText('HEALTHCHECK')).toContain('/health');
    expect(JSON.parse(shippedText('ENTRYPOINT') ?? '')).toEqual(['node', '/app/dist/bin.js']);
    expect(textsOf('ENV').join(' ')).not.toMatch(/SECRET|TOKEN|PASSWORD/);
    expect(textsOf('ADD')).toEqual([]);
  });

  const runs = [guide, deployed('Dockerfile')].map((text) => /docker run [^\n]*/.exec(text)?.[0] ?? '');

  it('is run as the guide says: on its own port and volume, with nothing more than it needs', () => {
    const [shown = '', inFile] = runs;
    expect(inFile).toBe(shown);
    expect(shown).toContain(`-v goconnect:${shippedText('VOLUME')} `);
    expect(shown).toContain(`-p ${shippedText('EXPOSE')}:${shippedText('EXPOSE')} `);
    for (const flag of [
      '--read-only',
      '--cap-drop ALL',
      '--security-opt no-new-privileges',
      '-e JWT_SECRET ',
    ])
      expect(shown).toContain(flag);
  });

  it('has 10 s more than a drain takes before it is killed, and so has the unit', () => {
    const drainMs = readSettings({ JWT_SECRET: 'a secret of this test, over 32 bytes long' }).drainTimeoutMs;
    const seconds = Number(/--stop-timeout (\d+)/.exec(runs[0] ?? '')?.[1]);
    const unitSeconds = Number(/^TimeoutStopSec=(\d+)s$/m.exec(deployed('goconnect-server.service'))?.[1]);
    expect(guide).toContain('10 s more than `DRAIN_TIMEOUT`');
    expect([seconds, unitSeconds]).toEqual([drainMs / 1_000 + 10, drainMs / 1_000 + 10]);
  });
});
