import type { FakeNetwork } from '../network/fake-network.js';
import type { ServerSocket } from '../network/server-socket.js';
import { isObject } from '../support/is-object.js';
import { parsed } from '../support/parsed.js';
import { TestkitError } from '../support/testkit-error.js';
import { checkRecording, isWithoutFrame, type RecordedStep, type Recording } from './recording.js';

export interface ClientReplay {
  /** Resolves when the recording has been played to its end, rejects with `replay_diverged` when the client did otherwise. */
  readonly finished: Promise<void>;
  stop(): void;
}

/**
 * Plays the server's part of a recording to a client on a fake network, without time passing. What the client sends has to be
 * of the recorded types in the recorded order; its own `op_id`s are put into the recorded replies.
 *
 * @throws `TestkitError` with code `recording_unreadable`, as {@link readRecording}
 */
export function replayToClient(given: Recording, network: FakeNetwork, address: string): ClientReplay {
  const recording = checkRecording(given);
  let settle: { readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined;
  const finished = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject };
  });
  finished.catch(() => {});
  const connections = [...new Set(recording.steps.map(({ connection }) => connection))];
  let played = 0;
  const stop = network.listen(address, (upgrade) => {
    const number = connections[played++];
    const steps = recording.steps.filter(({ connection }) => connection === number);
    const opening = steps[0];
    if (opening?.kind !== 'open') {
      upgrade.deny(503);
      if (number === undefined)
        settle?.reject(diverged('the client connects', 'no further connection was recorded'));
      return;
    }
    const rest = steps.slice(1);
    const done = () => {
      if (played === connections.length) settle?.resolve();
    };
    playConnection(upgrade.accept(opening.protocol), rest, done, (error) => settle?.reject(error));
  });
  return { finished, stop };
}

function playConnection(
  socket: ServerSocket,
  steps: readonly RecordedStep[],
  done: () => void,
  failed: (error: Error) => void,
): void {
  const opIds = new Map<string, string>();
  let next = 0;
  const advance = () => {
    for (let step = steps[next]; step && step.kind !== 'sent'; step = steps[++next]) {
      if (step.kind === 'received') socket.send(withOpIds(step.text, opIds));
      if (step.kind === 'closed') endAs(socket, step.code, step.reason);
    }
    if (next >= steps.length) done();
  };
  socket.onmessage = ({ data }) => {
    const step = steps[next];
    const [got, wanted] = [read(String(data)), step?.kind === 'sent' ? read(step.text) : undefined];
    if (got?.type !== wanted?.type) {
      failed(
        diverged(
          `the client sends ${String(got?.type)}`,
          wanted ? `${String(wanted.type)} was recorded` : 'nothing was recorded here',
        ),
      );
      return;
    }
    if (wanted?.op_id !== undefined) opIds.set(String(wanted.op_id), String(got?.op_id));
    next++;
    advance();
  };
  advance();
}

/** A close that nobody sent cannot be sent either: the connection breaks. */
function endAs(socket: ServerSocket, code: number, reason: string): void {
  if (isWithoutFrame(code)) socket.terminate();
  else socket.close(code, reason);
}

/** A frame may carry several envelopes, one a line. */
function withOpIds(text: string, opIds: ReadonlyMap<string, string>): string {
  const lines = text.split('\n').map((line) => {
    const envelope = read(line);
    const actual = opIds.get(String(envelope?.op_id));
    return actual === undefined ? line : JSON.stringify({ ...envelope, op_id: actual });
  });
  return lines.join('\n');
}

function read(text: string): Readonly<Record<string, unknown>> | undefined {
  const value = parsed(text);
  return isObject(value) ? value : undefined;
}

function diverged(what: string, recorded: string): TestkitError {
  return new TestkitError(
    'replay_diverged',
    `The replay diverged: ${what}, but ${recorded}.`,
    'Record the session anew, or find out why the client now does otherwise.',
  );
}
