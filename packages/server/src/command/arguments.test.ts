import { expect, it } from 'vitest';
import { readCommand, UsageError } from './arguments.js';

it.each([
  [[], { kind: 'run' }],
  [['--help'], { kind: 'help' }],
  [['-h', 'backup'], { kind: 'help' }],
  [['-v'], { kind: 'version' }],
  [['--check-config'], { kind: 'check_config' }],
  [['--print-config'], { kind: 'print_config' }],
  [['migrate'], { kind: 'migrate' }],
  [['backup', 'a b.db'], { kind: 'backup', file: 'a b.db' }],
  [['backup', '--', '-odd.db'], { kind: 'backup', file: '-odd.db' }],
])('reads %j', (args, command) => expect(readCommand(args)).toEqual(command));

it.each([
  [['--port=1']],
  [['--help=yes']],
  [['restore']],
  [['__proto__']],
  [['migrate', 'now']],
  [['backup']],
  [['backup', '']],
  [['backup', 'a', 'b']],
  [['migrate', '--check-config']],
  [['--version', '--print-config']],
])('refuses %j in one line', (args) => {
  const refused = (() => {
    try {
      return readCommand(args);
    } catch (error) {
      return error;
    }
  })();
  expect(refused).toBeInstanceOf(UsageError);
  expect((refused as UsageError).message).toMatch(/^[^\n]{5,}$/);
});
