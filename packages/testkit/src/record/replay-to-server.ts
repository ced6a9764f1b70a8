import type { Dial } from '../conformance/server/wire.js';
import { WireClient } from '../conformance/server/wire-client.js';
import { wsDial } from '../conformance/server/ws-dial.js';
import { isObject } from '../support/is-object.js';
import { parsed } from '../support/parsed.js';
import { Alias } from './alias.js';
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
 * code: ids and times are the server's own. Requests go out under op_ids of this replay, so that also the server
 * of the recording carries them out anew.
 */
export async function replayToServer(
  recording: Recording,
  options: ServerReplayOptions,
): Promise<readonly Difference[]> {
  const differences: Difference[] = [];
  const alias = new Alias(`replay-${Math.random().toString(36).slice(2)}`);
  for (const number of new Set(recording.steps.map(({ connection }) => connection))) {
    const steps = recording.steps.filter(({ connection }) => connection === number);
    const opening = steps.find((step) => step.kind === 'open');
    if (opening?.kind === 'open')
      differences.push(...(await replayConnection(steps, opening.protocol, alias, options)));
  }
  return differences;
}

async function replayConnection(
  steps: Recording['steps'],
  protocol: string,
  alias: Alias,
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
    if (step.kind === 'sent') client.sendText(alias.request(step.text));
    if (step.kind !== 'received') continue;
    for (const recorded of answersOf(step.text)) {
      const opId = alias.opId(recorded.opId);
      const reply = await client.until(`the answer to ${recorded.opId}`, () => client.replies(opId)[0]);
      alias.learn(recorded.data, reply.data);
      const got = reply.error?.code ?? reply.type;
      if (got !== recorded.what) differences.push({ opId: recorded.opId, recorded: recorded.what, got });
    }
  }
  if (client.open) await client.close();
  return differences;
}

interface Answer {
  readonly opId: string;
  readonly what: string;
  readonly data: unknown;
}

/** What a frame answers: one envelope a line, and what is no JSON answers nothing. */
function answersOf(text: string): readonly Answer[] {
  return text.split('\n').flatMap((line) => {
    const value = parsed(line);
    if (!isObject(value) || typeof value.op_id !== 'string') return [];
    const what = String(isObject(value.error) ? value.error.code : value.type);
    return [{ opId: value.op_id, what, data: value.data }];
  });
}
