import { createInterface } from 'node:readline';

/** Tells the runner something. */
export const tell = (saying) => process.stdout.write(`${JSON.stringify(saying)}\n`);

/** Tells the runner how an operation ended. */
export const settle = (id, work) =>
  work.then(
    (data) => tell({ say: 'done', id, data: data ?? {} }),
    ({ code }) => tell({ say: 'failed', id, code: code ?? 'unknown' }),
  );

/** Calls a command for each line of the runner, and `end` when there are no more. */
export function obey(commands, end) {
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    const { do: name, ...ask } = JSON.parse(line);
    commands[name](ask);
  });
  lines.on('close', end);
}
