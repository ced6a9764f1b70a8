import type { Dial } from '../conformance/server/wire.js';
import { WireClient } from '../conformance/server/wire-client.js';
import { wsDial } from '../conformance/server/ws-dial.js';
import { isObject } from '../support/is-object.js';
import type { Recording } from './recording.js';

export interface ServerReplayOptions {
  readonly url: string;
  readonly token: string;
  readonly dial?: Dial;
  /** Milliseconds for each answer. Default: 5,000. */
  readonly deadlineMs?: number;
}

/** Where a server answered otherwise than the recorded one. */
export interface Difference {
  readonly opId: string;
  readonly recorded: string;
  readonly got: string;
}

/**
 * Plays the client's part of a recording to a server, connection after connection. Answers are compared by type and error
 * code: ids and times are the server's own.
 */
export async function replayToServer(
  recording: Recording,
  options: ServerReplayOptions,
): Promise<readonly Difference[]> {
  const differences: Difference[] = [];
  for (const number of new Set(recording.steps.map(({ connection }) => connection))) {
    const steps = recording.steps.filter(({ connection }) => connection === number);
    const opening = steps.find((step) => step.kind === 'open');
    if (opening?.kind === 'open')
      differences.push(...(await replayConnection(steps, opening.protocol, options)));
  }
  return differences;
}

async function replayConnection(
  steps: Recording['steps'],
  protocol: string,
  { url, token, dial = wsDial, deadlineMs = 5_000 }: ServerReplayOptions,
): Promise<readonly Difference[]> {
  const request = {
    url,
    protocols: protocol === '' ? [] : [protocol],
    headers: { authorization: `Bearer ${token}` },
  };
  const client = new WireClient(dial, request, deadlineMs);
  await client.opened();
  const differences: Difference[] = [];
  for (const step of steps) {
    if (step.kind === 'sent') client.sendText(step.text);
    if (step.kind !== 'received') continue;
    const recorded = answerOf(step.text);
    if (recorded === undefined) continue;
    const reply = await client.until(
      `the answer to ${recorded.opId}`,
      () => client.replies(recorded.opId)[0],
    );
    const got = reply.error?.code ?? reply.type;
    if (got !== recorded.what) differences.push({ opId: recorded.opId, recorded: recorded.what, got });
  }
  if (client.open) await client.close();
  return differences;
}

/** What an envelope answers, if it is an answer. */
function answerOf(text: string): { readonly opId: string; readonly what: string } | undefined {
  const value: unknown = JSON.parse(text);
  if (!isObject(value) || typeof value.op_id !== 'string') return undefined;
  return { opId: value.op_id, what: String(isObject(value.error) ? value.error.code : value.type) };
}
