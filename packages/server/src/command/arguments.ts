import { parseArgs } from 'node:util';

export type Command =
  | { readonly kind: 'run' | 'help' | 'version' | 'check_config' | 'print_config' | 'migrate' }
  | { readonly kind: 'backup'; readonly file: string };

/** What was typed is no use of the command. The text is one line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const FLAGS = {
  help: 'help',
  version: 'version',
  'check-config': 'check_config',
  'print-config': 'print_config',
} as const;

/** @throws UsageError for anything that is not exactly one use of the command */
export function readCommand(args: readonly string[]): Command {
  const { values, positionals } = parse(args);
  const chosen = Object.entries(FLAGS).filter(([flag]) => values[flag as keyof typeof FLAGS]);
  const [word, ...rest] = positionals;
  if (values.help) return { kind: 'help' };
  if (chosen.length + (word === undefined ? 0 : 1) > 1) throw new UsageError('one thing at a time');
  const [flag] = chosen;
  if (flag) return { kind: flag[1] };
  if (word === undefined) return { kind: 'run' };
  if (word === 'migrate' && rest.length === 0) return { kind: 'migrate' };
  const [file, ...more] = rest;
  if (word === 'backup' && file !== undefined && file !== '' && more.length === 0)
    return { kind: 'backup', file };
  if (word === 'backup') throw new UsageError('backup needs the name of one file');
  throw new UsageError(
    word === 'migrate'
      ? 'migrate takes no more words'
      : `there is no command ${JSON.stringify(word.slice(0, 40))}`,
  );
}

function parse(args: readonly string[]) {
  const flag = { type: 'boolean', default: false } as const;
  const options = {
    help: { ...flag, short: 'h' },
    version: { ...flag, short: 'v' },
    'check-config': flag,
    'print-config': flag,
  } as const;
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : 'these words mean nothing here');
  }
}
