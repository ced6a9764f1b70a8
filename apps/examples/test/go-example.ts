import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { toolOrSkip } from '../../../scripts/tools.mjs';
import type { Example } from './example.js';
import { endProgram, type Program, runProgram } from './program.js';

const cwd = fileURLToPath(new URL('../websocket', import.meta.url));
const go = toolOrSkip('go');
let folder = '';

const program = (): Program => ({
  command: join(folder, 'go_client'),
  args: [],
  cwd,
  pattern: (outcome, text) =>
    ({
      received: new RegExp(`^< \\S+: ${text}$`, 'm'),
      sent: new RegExp(`^> sent: ${text} `, 'm'),
      unknown: new RegExp(`^! ${text} \\(unknown_outcome`, 'm'),
    })[outcome],
});

export const goExample: Example = {
  name: 'go_client.go',
  available: go !== undefined,
  async prepare() {
    folder = await mkdtemp(join(tmpdir(), 'goconnect-go-'));
    await promisify(execFile)(go ?? 'go', ['build', '-o', join(folder, 'go_client'), '.'], { cwd });
  },
  run: (options) => runProgram(program(), options),
  end: (options) => endProgram(program(), options),
  dispose: () => rm(folder, { recursive: true, force: true }),
};
