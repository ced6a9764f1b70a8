import { TestkitError } from '../../../support/testkit-error.js';
import { type ConformanceReport, summarise } from '../../outcome.js';
import { type RunOptions, runCases } from '../../run-cases.js';
import { CLIENT_CASES } from '../client-cases.js';
import type { Ability } from './adapter-lines.js';
import { ForeignClient } from './foreign-client.js';
import { type ForeignTarget, foreignEnvironment, READY_MS } from './foreign-env.js';

/**
 * Judges a client in any language: listens, and tells the client to connect by a small adapter, which is driven by
 * lines of JSON on its standard input and output.
 *
 * @throws `TestkitError` with code `adapter_failed` when the adapter never gets ready
 */
export async function judgeForeignClient(
  target: ForeignTarget,
  options: RunOptions = {},
): Promise<ConformanceReport> {
  const abilities = await abilitiesOf(target);
  const { slow = false } = target;
  const run = await runCases(CLIENT_CASES, foreignEnvironment(target, abilities, options.signal), {
    caseTimeoutMs: slow ? 400_000 : 90_000,
    ...options,
  });
  return summarise('client', target.command, run);
}

/** Asks the client what it can, before any case. */
async function abilitiesOf({ command, readyMs = READY_MS }: ForeignTarget): Promise<ReadonlySet<Ability>> {
  const nobody = { token: 'none', refresh_token: 'none', expires_in: 900 };
  const client = new ForeignClient({
    command,
    readyMs,
    url: 'ws://127.0.0.1:9/v1/ws',
    token: () => nobody,
  });
  try {
    return new Set(await client.ready());
  } catch (cause) {
    throw new TestkitError(
      'adapter_failed',
      `${JSON.stringify(command)} did not get ready: ${cause instanceof Error ? cause.message : String(cause)}.`,
      'The command has to read {"do":"start",…} from its standard input and answer {"say":"ready","can":[…]}.',
      { cause },
    );
  } finally {
    await client.end();
  }
}
