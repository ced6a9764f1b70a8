/** One system call as `strace -f -y` tells it. */
export interface SystemCall {
  readonly name: string;
  /** What the file descriptor stands for: a path, or something like `TCP:[…]`. */
  readonly on: string;
  /** Every string among the arguments, one after the other, a character for each byte. */
  readonly bytes: string;
  readonly result: number;
  /** Lines of the trace. Other threads may have been at work between the two. */
  readonly startedAt: number;
  readonly endedAt: number;
}

const BEGUN = /^(\d+) +(?:[\d:.]+ +)?(\w+)\((.*)$/s;
const RESUMED = /^(\d+) +(?:[\d:.]+ +)?<\.\.\. (\w+) resumed>(.*)$/s;
const UNFINISHED = / ?<unfinished \.\.\.>$/;
const RESULT = /\) += (-?\d+)[^"]*$/;

interface Begun {
  readonly name: string;
  readonly text: string;
  readonly startedAt: number;
}

/** Reads a trace. Calls stand in the order in which they ended; what never ended (the process was killed) is left out. */
export function readSystemCalls(trace: string): SystemCall[] {
  const calls: SystemCall[] = [];
  const open = new Map<string, Begun>();
  for (const [line, text] of trace.split('\n').entries()) {
    const resumed = RESUMED.exec(text);
    if (resumed) {
      const [, thread = '', name, rest = ''] = resumed;
      const begun = open.get(thread);
      open.delete(thread);
      if (begun !== undefined && begun.name === name)
        pushEnded(calls, { ...begun, text: begun.text + rest }, line);
      continue;
    }
    const [, thread = '', name = '', rest = ''] = BEGUN.exec(text) ?? [];
    if (name === '') continue;
    const begun = { name, text: rest.replace(UNFINISHED, ''), startedAt: line };
    if (UNFINISHED.test(rest)) open.set(thread, begun);
    else pushEnded(calls, begun, line);
  }
  return calls;
}

function pushEnded(calls: SystemCall[], { name, text, startedAt }: Begun, endedAt: number): void {
  const result = RESULT.exec(text)?.[1];
  if (result === undefined) return;
  const on = /^\d+<(.*?)>[,)]/.exec(text)?.[1] ?? '';
  calls.push({ name, on, bytes: stringsIn(text), result: Number(result), startedAt, endedAt });
}

function stringsIn(text: string): string {
  let bytes = '';
  for (const [, escaped = ''] of text.matchAll(/"((?:[^"\\]|\\.)*)"/gs)) bytes += unescaped(escaped);
  return bytes;
}

const LETTERS: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', v: '\v', f: '\f' };

/** The escapes of C: octal numbers of up to three digits, and a few letters. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{1,3}|.)/gs, (_, code: string) =>
    /^[0-7]/.test(code) ? String.fromCharCode(Number.parseInt(code, 8)) : (LETTERS[code] ?? code),
  );
}
