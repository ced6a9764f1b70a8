#!/usr/bin/env node
import { constants } from 'node:os';
import { type Command, readCommand, UsageError } from './command/arguments.js';
import { backupCommand, migrateCommand } from './command/database-commands.js';
import { createServer, type Server } from './create-server.js';
import { startUpText } from './dev/start-up-text.js';
import { StartError } from './domain/start-error.js';
import { checkNamedFiles } from './lifecycle/named-files.js';
import { startWarnings } from './lifecycle/start-warnings.js';
import { VERSION } from './lifecycle/version.js';
import { printableSettings, settingRows } from './settings/described-settings.js';
import { readSettings } from './settings/read-settings.js';
import type { Settings } from './settings/settings.js';
import { SettingsError } from './settings/settings-error.js';

const USAGE = `goconnect-server ${VERSION}: real-time messaging for browsers and programs.

Usage: goconnect-server [migrate | backup FILE | --check-config | --print-config | --help | --version]

  migrate         bring the tables of DATABASE_URL up to date, start nothing
  backup FILE     copy the SQLite file of DATABASE_URL, while the server runs or not
  --check-config  say whether the settings are right, start nothing
  --print-config  show the settings the server would run with, without secrets
  --version       show the version

GOCONNECT_DEV=1 goconnect-server needs nothing else. Everywhere else JWT_SECRET is required.
Settings are environment variables:
`;

/** What a shell says of a process that a signal ended is this and the number of the signal. */
const ENDED_BY = 128;
/** What shells and their users expect of a wrong use. */
const WRONG_USE = 2;

await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<void> {
  try {
    await perform(readCommand(args));
  } catch (error) {
    console.error(explain(error));
    process.exitCode = error instanceof UsageError ? WRONG_USE : 1;
  }
}

async function perform(command: Command): Promise<void> {
  switch (command.kind) {
    case 'help':
      return print(USAGE + settingsTable());
    case 'version':
      return print(VERSION);
    case 'print_config':
      return print(printableSettings(readSettings(process.env)).trimEnd());
    case 'check_config': {
      const settings = readSettings(process.env);
      await checkNamedFiles(settings);
      const warnings = startWarnings(settings);
      return print(['The settings are right.', ...warnings.map((text) => `Warning: ${text}.`)].join('\n'));
    }
    case 'migrate':
      return print(await migrateCommand(process.env));
    case 'backup':
      return print(await backupCommand(process.env, command.file));
    case 'run':
      return run(readSettings(process.env));
  }
}

async function run(settings: Settings): Promise<void> {
  const server = createServer({ env: process.env });
  // Before anything is opened: Ctrl-C right after the start must stop as cleanly as later.
  const stopping = stopOnSignal(server);
  // Why is in the log. Not awaited: a server that is stopped by a hand may take its time.
  void server.ended.then((why) => {
    if (why === 'taken_over') process.exitCode = 1;
  });
  const address = await server.start();
  // Unlike a write to stdout, it does not mind a full disk.
  if (settings.dev && !stopping.aborted) console.log(startUpText(address, settings));
}

/**
 * The first signal stops politely, the second at once, but for SIGHUP: a terminal that closes says it more than once,
 * and no hand did that. Returns whether the first has come.
 */
function stopOnSignal(server: Server): AbortSignal {
  const stopping = new AbortController();
  const hear = (signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP') => {
    if (stopping.signal.aborted) {
      if (signal !== 'SIGHUP') process.exit(ENDED_BY + constants.signals[signal]);
      return;
    }
    stopping.abort();
    server.stop().catch((error: unknown) => {
      console.error(explain(error));
      process.exitCode = 1;
    });
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => hear(signal));
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
  if (error instanceof StartError) return `goconnect-server cannot ${doing()}: ${error.message}`;
  if (error instanceof UsageError)
    return `goconnect-server: ${error.message} (--help shows what there is)\n${USAGE.split('\n').find((line) => line.startsWith('Usage: '))}`;
  return `goconnect-server failed: ${error instanceof Error ? error.stack : String(error)}`;
}

function doing(): string {
  const [word] = process.argv.slice(2);
  return word === 'backup' ? 'back up' : word === 'migrate' ? 'migrate' : 'start';
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
