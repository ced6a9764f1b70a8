import { fileURLToPath } from 'node:url';
import type { Example } from './example.js';
import { endProgram, type Program, runProgram } from './program.js';

const cwd = fileURLToPath(new URL('../websocket', import.meta.url));

const program = (): Program => ({
  command: process.execPath,
  args: ['node_client.js'],
  cwd,
  pattern: (outcome, text) =>
    ({
      received: new RegExp(`^< \\S+: ${text}$`, 'm'),
      sent: new RegExp(`^> sent: ${text} `, 'm'),
      unknown: new RegExp(`^! unknown_outcome: ${text} `, 'm'),
    })[outcome],
});

export const nodeExample: Example = {
  name: 'node_client.js',
  available: true,
  prepare: async () => {},
  run: (options) => runProgram(program(), options),
  end: (options) => endProgram(program(), options),
  dispose: async () => {},
};
