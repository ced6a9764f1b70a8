/** Adapters that do wrong: `node broken.mjs <how>`. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const how = process.argv[2];
const write = (text) => process.stdout.write(text);
const ready = () => write('{"say":"ready","can":[]}\n');

/** Says where it lives, so that a test can look whether it still does. */
process.stderr.write(`pid ${process.pid}\n`);

const flood = () => {
  while (write('{"say":"status","status":"connected"}\n'));
  process.stdout.once('drain', flood);
};

const behaviours = {
  mute() {},
  garbage: () => write('Hello, I am a client\n'),
  'no such ability': () => write('{"say":"ready","can":["fly"]}\n'),
  flood() {
    ready();
    flood();
  },
  'endless line'() {
    ready();
    write('x'.repeat(3_000_000));
  },
  dies() {
    ready();
    console.error('out of luck');
    setTimeout(() => process.exit(3), 50);
  },
  deaf: ready,
  /** Ignores every polite way to be ended, and has a child that does as well. */
  undying() {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => {});
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'ignore' });
    process.stderr.write(`pid ${child.pid}\n`);
    ready();
  },
};

setInterval(() => {}, 1e6);
createInterface({ input: process.stdin }).once('line', () => behaviours[how]());
