import { open, readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { CaseResult, ConformanceReport } from '../conformance/outcome.js';
import { jsonReport } from '../conformance/report/json.js';
import { junitReport } from '../conformance/report/junit.js';
import { printable } from '../conformance/report/printable.js';
import { tableReport } from '../conformance/report/table.js';
import { tapReport } from '../conformance/report/tap.js';
import type { RunOptions } from '../conformance/run-cases.js';
import { readRecording } from '../record/recording.js';
import { replayToServer } from '../record/replay-to-server.js';
import { checkScenario, type Scenario } from '../standalone/scenario.js';
import { type Serving, serve } from '../standalone/serve.js';
import { TestkitError } from '../support/testkit-error.js';
import { judgeAClient, judgeAServer } from './judge.js';
import { USAGE } from './usage.js';
import { VERSION } from './version.js';

/** Where a command writes, and how it learns that it should stop. */
export interface CommandHost {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Resolves when the user wants it to end. */
  readonly stopped: Promise<void>;
}

const OPTIONS = {
  port: { type: 'string' },
  'control-port': { type: 'string' },
  scenario: { type: 'string' },
  http: { type: 'string' },
  login: { type: 'string', multiple: true },
  token: { type: 'string', multiple: true },
  'foreign-token': { type: 'string' },
  command: { type: 'string' },
  slow: { type: 'boolean' },
  'any-origin': { type: 'boolean' },
  only: { type: 'string' },
  json: { type: 'string' },
  junit: { type: 'string' },
  tap: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const;

const REPLAY_USE = 'Give replay <file> <ws://…> --token <jwt>.';

type Values = ReturnType<typeof read>['values'];

/** Runs one command line. Never rejects; returns the exit code. */
export async function runCommand(args: readonly string[], host: CommandHost): Promise<number> {
  try {
    const { values, positionals } = read(args);
    const [command, target, subject] = positionals;
    if (values.version) {
      host.out(`${VERSION}\n`);
      return 0;
    }
    if (values.help || command === undefined) {
      host.out(USAGE);
      return values.help ? 0 : 2;
    }
    if (command === 'serve' && target === undefined) return await serveCommand(values, host);
    if (command === 'conformance' && target === 'server' && subject)
      return await judged((run) => judgeAServer(subject, values, run), values, host);
    if (command === 'conformance' && target === 'client')
      return await judged((run) => judgeAClient(subject, values, run), values, host);
    if (command === 'replay' && target) return await replayCommand(target, subject, values, host);
    if (command === 'conformance' && (target === undefined || target === 'server'))
      throw nobodyToJudge(target);
    if (command === 'replay') throw new TestkitError('bad_argument', 'No recording was given.', REPLAY_USE);
    throw new TestkitError(
      'bad_argument',
      `There is no command ${JSON.stringify(positionals.join(' '))}.`,
      'See goconnect-testkit --help.',
    );
  } catch (error) {
    host.err(`${printable(error instanceof Error ? error.message : String(error))}\n`);
    return 2;
  }
}

function nobodyToJudge(target?: 'server'): TestkitError {
  return target === 'server'
    ? new TestkitError(
        'bad_argument',
        'No server was given.',
        'Give conformance server <ws://host:8080/v1/ws> and how to get in: --http, --login or --token.',
      )
    : new TestkitError(
        'bad_argument',
        'Nothing to judge was given.',
        'Say conformance server <ws://…>, or conformance client --command "<what starts its adapter>".',
      );
}

function read(args: readonly string[]) {
  return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
}

async function serveCommand(values: Values, host: CommandHost): Promise<number> {
  const scenario = values.scenario === undefined ? undefined : await readScenario(values.scenario);
  const controlPort = portOf(values['control-port'], '--control-port') ?? 0;
  const port = portOf(values.port, '--port') ?? 8_080;
  const serving: Serving = await serve({ port, controlPort, ...(scenario && { scenario }) });
  host.out(`clients connect to ${serving.url}\ntests control it at ${serving.controlUrl}\n`);
  await host.stopped;
  await serving.stop();
  return 0;
}

async function replayCommand(
  file: string,
  url: string | undefined,
  { token = [] }: Values,
  host: CommandHost,
): Promise<number> {
  const [first] = token;
  if (url === undefined || first === undefined) {
    throw new TestkitError('bad_argument', 'A replay needs a server.', REPLAY_USE);
  }
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new TestkitError(
      'recording_unreadable',
      `${file} cannot be read.`,
      'Give the path of a file with what recordSession() returned, as JSON.',
      { cause },
    );
  });
  const differences = await replayToServer(readRecording(text), {
    url,
    token: first,
  });
  for (const { opId, recorded, got } of differences) host.out(`${opId}: recorded ${recorded}, got ${got}\n`);
  host.out(`${differences.length} differences\n`);
  return differences.length === 0 ? 0 : 1;
}

/** One character a case, on standard error: a run may take minutes, and the table comes at its end. */
const PROGRESS = { passed: '.', failed: 'F', skipped: 's' } as const;

/** The exit code of a program that was ended by Ctrl-C. */
const STOPPED = 130;

async function judged(
  judge: (run: RunOptions) => Promise<ConformanceReport>,
  values: Values,
  host: CommandHost,
): Promise<number> {
  await mustBeWritable(values);
  const stop = new AbortController();
  void host.stopped.then(() => stop.abort());
  const { only } = values;
  const onResult = ({ outcome }: CaseResult) => host.err(PROGRESS[outcome.kind]);
  const run = { signal: stop.signal, onResult, ...(only !== undefined && { only }) };
  const report = await judge(run).catch((error: unknown) => {
    if (stop.signal.aborted) return undefined;
    throw error;
  });
  if (report === undefined) {
    host.err('Stopped before the first case.\n');
    return STOPPED;
  }
  host.err('\n');
  for (const [file, write] of reportsOf(values)) await writeFile(file, write(report));
  if (report.why !== undefined) {
    host.out(tableReport(report));
    host.err(`Ended after ${report.results.length} cases: ${report.why}.\n`);
    return 2;
  }
  if (!report.complete) {
    host.err(`Stopped after ${report.results.length} cases.\n`);
    return STOPPED;
  }
  host.out(tableReport(report));
  return report.conforms ? 0 : 1;
}

/** The files that were asked for, and what goes into each. */
function reportsOf({ json, junit, tap }: Values) {
  const asked = [
    [json, jsonReport],
    [junit, junitReport],
    [tap, tapReport],
  ] as const;
  return asked.flatMap(([file, write]) => (file === undefined ? [] : [[file, write] as const]));
}

/** A run may take minutes: what it could not be written to is told before it. */
async function mustBeWritable(values: Values): Promise<void> {
  for (const [file] of reportsOf(values)) {
    const opened = await open(file, 'a').catch((cause: unknown) => {
      throw new TestkitError(
        'bad_argument',
        `${file} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}.`,
        'Give the path of a file in a folder that exists.',
        { cause },
      );
    });
    await opened.close();
  }
}

async function readScenario(file: string): Promise<Scenario> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new TestkitError('scenario_invalid', `${file} cannot be read.`, 'Give the path of a JSON file.', {
      cause,
    });
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new TestkitError(
      'scenario_invalid',
      `${file} is no JSON: ${cause instanceof Error ? cause.message : ''}.`,
      'Correct it.',
      { cause },
    );
  }
  return checkScenario(value);
}

function portOf(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new TestkitError(
    'bad_argument',
    `${name} is ${JSON.stringify(text)}.`,
    'Give a whole number of 0-65535; 0 takes a free one.',
  );
}
