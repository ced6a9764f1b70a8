import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ClientTarget } from '../conformance/client/client-target.js';
import { judgeForeignClient } from '../conformance/client/foreign/judge-foreign-client.js';
import { judgeClient } from '../conformance/client/judge-client.js';
import type { ConformanceReport } from '../conformance/outcome.js';
import type { RunOptions } from '../conformance/run-cases.js';
import type { Login } from '../conformance/server/http-admin.js';
import { httpTarget } from '../conformance/server/http-target.js';
import { judgeServer } from '../conformance/server/judge-server.js';
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
  if (!/^wss?:\/\//.test(url))
    throw new TestkitError('bad_argument', `${url} is no WebSocket address.`, 'Give ws://host:port/v1/ws.');
  const { http, token: tokens = [], 'foreign-token': foreignToken, slow = false } = options;
  const { 'any-origin': anyOrigin = false } = options;
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
  });
  return judgeServer(target, { caseTimeoutMs: slow ? 180_000 : 60_000, ...run });
}

/** A module of JavaScript in this process, or any program behind an adapter. */
export async function judgeAClient(
  module: string | undefined,
  { command, slow = false }: JudgeOptions,
  run: RunOptions,
): Promise<ConformanceReport> {
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

function readLogin(text: string): Login {
  const at = text.indexOf(':');
  if (at > 0) return { email: text.slice(0, at), password: text.slice(at + 1) };
  throw new TestkitError('bad_argument', 'A --login has no colon.', 'Give email:password.');
}
