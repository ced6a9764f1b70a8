#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { createServer, type Server } from './create-server.js';
import { startUpText } from './dev/start-up-text.js';
import { StartError } from './domain/start-error.js';
import { VERSION } from './lifecycle/version.js';
import { printableSettings, settingRows } from './settings/described-settings.js';
import { readSettings } from './settings/read-settings.js';
import type { Settings } from './settings/settings.js';
import { SettingsError } from './settings/settings-error.js';

const USAGE = `goconnect-server ${VERSION}: real-time messaging for browsers and programs.

Usage: goconnect-server [--check-config | --print-config | --help | --version]

  --check-config  say whether the settings are right, start nothing
  --print-config  show the settings the server would run with, without secrets
  --version       show the version

GOCONNECT_DEV=1 goconnect-server needs nothing else. Everywhere else JWT_SECRET is required.
Settings are environment variables:
`;

/** What a shell says of a process that Ctrl-C ended. */
const INTERRUPTED = 130;

await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<void> {
  try {
    const flags = readFlags(args);
    if (flags.help) return print(USAGE + settingsTable());
    if (flags.version) return print(VERSION);
    const settings = readSettings(process.env);
    if (flags['print-config']) return print(printableSettings(settings).trimEnd());
    if (flags['check-config']) return print('The settings are right.');
    await run(settings);
  } catch (error) {
    console.error(explain(error));
    process.exitCode = 1;
  }
}

function readFlags(args: readonly string[]) {
  const flag = { type: 'boolean', default: false } as const;
  const options = {
    help: { ...flag, short: 'h' },
    version: { ...flag, short: 'v' },
    'check-config': flag,
    'print-config': flag,
  } as const;
  return parseArgs({ args: [...args], options, allowPositionals: false }).values;
}

async function run(settings: Settings): Promise<void> {
  const server = createServer({ env: process.env });
  // Before anything is opened: Ctrl-C right after the start must stop as cleanly as later.
  const stopping = stopOnSignal(server);
  const address = await server.start();
  if (settings.dev && !stopping.aborted) print(startUpText(address, settings));
}

/** The first signal stops politely, the second at once. Returns whether the first has come. */
function stopOnSignal(server: Server): AbortSignal {
  const stopping = new AbortController();
  const hear = () => {
    if (stopping.signal.aborted) process.exit(INTERRUPTED);
    stopping.abort();
    server.stop().catch((error: unknown) => {
      console.error(explain(error));
      process.exitCode = 1;
    });
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, hear);
  return stopping.signal;
}

function settingsTable(): string {
  const rows = settingRows();
  const width = Math.max(...rows.map((row) => row.variable.length));
  return rows
    .map(
      (row) =>
        `  ${row.variable.padEnd(width)}  ${row.about}\n  ${' '.repeat(width)}  Default: ${row.default}. Accepted: ${row.accepts}.`,
    )
    .join('\n');
}

/** One line for what an operator can do something about; the whole story for what is a fault of ours. */
function explain(error: unknown): string {
  if (error instanceof SettingsError) return error.message;
  if (error instanceof StartError) return `goconnect-server cannot start: ${error.message}`;
  if (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'))
    return `goconnect-server: ${error.message} (--help shows what there is)`;
  return `goconnect-server failed: ${error instanceof Error ? error.stack : String(error)}`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
