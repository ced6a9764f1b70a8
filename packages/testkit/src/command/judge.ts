import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ConformanceCase } from '../conformance/case.js';
import { CLIENT_CASES } from '../conformance/client/client-cases.js';
import type { ClientTarget } from '../conformance/client/client-target.js';
import { judgeForeignClient } from '../conformance/client/foreign/judge-foreign-client.js';
import { judgeClient } from '../conformance/client/judge-client.js';
import type { ConformanceReport } from '../conformance/outcome.js';
import { isMeant, type RunOptions } from '../conformance/run-cases.js';
import type { Login } from '../conformance/server/http-admin.js';
import { httpTarget } from '../conformance/server/http-target.js';
import { judgeServer } from '../conformance/server/judge-server.js';
import { SERVER_CASES } from '../conformance/server/server-cases.js';
import { TestkitError } from '../support/testkit-error.js';

/** What the command line says about a judgement. */
export interface JudgeOptions {
  readonly http?: string | undefined;
  readonly login?: readonly string[] | undefined;
  readonly token?: readonly string[] | undefined;
  readonly 'foreign-token'?: string | undefined;
  readonly command?: string | undefined;
  readonly slow?: boolean | undefined;
  readonly 'any-origin'?: boolean | undefined;
  readonly only?: string | undefined;
}

export async function judgeAServer(
  url: string,
  options: JudgeOptions,
  run: RunOptions,
): Promise<ConformanceReport> {
  mustBeAddress(url, WEBSOCKET);
  const { http, token: tokens = [], 'foreign-token': foreignToken, slow = false } = options;
  const { 'any-origin': anyOrigin = false } = options;
  if (http !== undefined) mustBeAddress(http, HTTP);
  mustMeanSome(SERVER_CASES, options.only);
  const logins = (options.login ?? []).map(readLogin);
  if (tokens.length < 2 && http === undefined) {
    throw new TestkitError(
      'bad_argument',
      'Cases need two users.',
      'Give --token twice, or --http for a server with the HTTP API.',
    );
  }
  const target = await httpTarget({
    url,
    logins,
    tokens,
    slow,
    anyOrigin,
    ...(http !== undefined && { http }),
    ...(foreignToken !== undefined && { foreignToken }),
    ...(run.signal && { signal: run.signal }),
  });
  return judgeServer(target, { caseTimeoutMs: slow ? 180_000 : 60_000, ...run });
}

/** A module of JavaScript in this process, or any program behind an adapter. */
export async function judgeAClient(
  module: string | undefined,
  { command, slow = false, only }: JudgeOptions,
  run: RunOptions,
): Promise<ConformanceReport> {
  mustMeanSome(CLIENT_CASES, only);
  if (module === undefined) {
    if (command !== undefined) return judgeForeignClient({ command, slow }, run);
    throw new TestkitError(
      'bad_argument',
      'No client was given.',
      'Give --command with what starts its adapter, or a JavaScript module.',
    );
  }
  const loaded = await load(module);
  if (typeof loaded.default?.create !== 'function') {
    throw new TestkitError(
      'bad_argument',
      `${module} exports no client.`,
      'Its default export must be a ClientTarget: { kind: "client", name, create(setup) }.',
    );
  }
  return judgeClient(loaded.default, run);
}

async function load(module: string): Promise<{ readonly default?: ClientTarget }> {
  try {
    return (await import(pathToFileURL(resolve(module)).href)) as { readonly default?: ClientTarget };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new TestkitError(
      'bad_argument',
      `${module} cannot be loaded: ${why}.`,
      'Give the path of a JavaScript module, or --command with what starts an adapter.',
      { cause },
    );
  }
}

interface Kind {
  readonly name: string;
  readonly protocols: readonly string[];
  readonly example: string;
}
const WEBSOCKET: Kind = { name: 'WebSocket', protocols: ['ws:', 'wss:'], example: 'ws://host:port/v1/ws' };
const HTTP: Kind = { name: 'HTTP', protocols: ['http:', 'https:'], example: '--http http://host:port' };

function mustBeAddress(text: string, { name, protocols, example }: Kind): void {
  const { protocol, host, hash } = URL.canParse(text) ? new URL(text) : { protocol: '', host: '', hash: '' };
  if (protocols.includes(protocol) && host !== '' && hash === '') return;
  throw new TestkitError('bad_argument', `${text} is no ${name} address.`, `Give ${example}.`);
}

function mustMeanSome(
  cases: readonly Pick<ConformanceCase<never>, 'name' | 'rules'>[],
  only: string | undefined,
): void {
  if (only === undefined || cases.some((one) => isMeant(one, only))) return;
  throw new TestkitError(
    'bad_argument',
    `No case has ${JSON.stringify(only)} in its name, or proves such a rule.`,
    'Correct --only: CONFORMANCE.md lists rules and cases.',
  );
}

function readLogin(text: string): Login {
  const at = text.indexOf(':');
  if (at > 0) return { email: text.slice(0, at), password: text.slice(at + 1) };
  throw new TestkitError('bad_argument', 'A --login has no colon.', 'Give email:password.');
}
