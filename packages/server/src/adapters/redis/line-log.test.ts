import { expect, it } from 'vitest';
import { LineLog } from './line-log.js';
import { RedisGone, RedisSilent } from './redis-fault.js';

const GONE = new RedisGone('gone');
const REFUSED = Object.assign(new Error('no'), { code: 'ECONNREFUSED' });
const UNREACHABLE = Object.assign(new Error('no'), { code: 'EHOSTUNREACH' });
const WRONG_PASSWORD = new Error('WRONGPASS');

/** The log of a line that a test moves, and what it said since it was last asked. */
function open({ up = true } = {}) {
  let now = 0;
  const lines: string[] = [];
  const write = (fields: object, text: string) => void lines.push(`${text} ${JSON.stringify(fields)}`);
  const log = new LineLog({ monotonic: () => now }, { info: write, warn: write });
  if (up) log.up();
  const said = () => lines.splice(0);
  said();
  return {
    log,
    said,
    wait: (ms: number) => {
      now += ms;
    },
  };
}

it('says that there is a line, and of a Redis that is away why and that it came', () => {
  const first = open({ up: false });
  first.log.up();
  expect(first.said()).toEqual([expect.stringContaining('is up')]);
  const { log, said } = open({ up: false });
  for (let tries = 0; tries < 5; tries++) log.failed(REFUSED);
  expect(said()).toEqual([expect.stringContaining('nothing listens there')]);
  log.up();
  expect(said()).toEqual([expect.stringContaining('is up')]);
});

it('says of a Redis that was stopped what the next try found, once, and so each time', () => {
  const { log, said } = open();
  for (let times = 0; times < 2; times++) {
    log.lost(GONE, false);
    expect(said()).toEqual([]);
    for (const error of [REFUSED, UNREACHABLE, REFUSED, GONE]) log.failed(error);
    expect(said()).toEqual([expect.stringContaining('nothing listens there')]);
    log.up();
    expect(said()).toEqual([expect.stringContaining('is up')]);
  }
});

it('says at once why a line was lost where that is known', () => {
  const { log, said } = open();
  log.lost(new RedisSilent(false), false);
  expect(said()).toEqual([expect.stringContaining('does not answer')]);
  log.failed(REFUSED);
  expect(said()).toEqual([]);
});

it('says in one line that a line was cut where the next try finds nothing', () => {
  const { log, said } = open();
  log.lost(GONE, false);
  log.up();
  expect(said()).toEqual(['the line to Redis was cut and is up again {}']);
});

it('says that a setting is wrong by now, whatever it said before', () => {
  const { log, said } = open();
  log.lost(GONE, false);
  for (const error of [REFUSED, WRONG_PASSWORD, REFUSED, WRONG_PASSWORD]) log.failed(error);
  expect(said()).toEqual([
    expect.stringContaining('nothing listens there'),
    expect.stringContaining('user or password are wrong'),
  ]);
});

it('doubts the URL of a line that is cut only while none was ever up', () => {
  const [never, once] = [open({ up: false }), open()];
  never.log.failed(GONE);
  expect(never.said()).toEqual([expect.stringContaining('TLS')]);
  once.log.lost(GONE, false);
  once.log.failed(GONE);
  expect(once.said()).toEqual([expect.not.stringContaining('TLS')]);
});

it('tells once a minute of a line that comes and goes, and how often', () => {
  const { log, said, wait } = open();
  const flap = () => {
    log.lost(GONE, true);
    log.up();
    wait(600);
  };
  flap();
  expect(said()).toEqual(['the line to Redis was cut and is up again {}']);
  for (let times = 0; times < 99; times++) flap();
  expect(said()).toEqual([]);
  wait(600);
  flap();
  expect(said()).toEqual(['the line to Redis was cut and is up again {"lost":100}']);
});

it('tells of a Redis that is away after its line came and went, when the minute is over', () => {
  const { log, said, wait } = open();
  log.lost(GONE, true);
  log.failed(REFUSED);
  log.up();
  expect(said()).toHaveLength(2);
  log.lost(new RedisSilent(false), true);
  for (let tries = 0; tries < 59; tries++, wait(1_000)) log.failed(REFUSED);
  expect(said()).toEqual([]);
  wait(1_000);
  for (let tries = 0; tries < 5; tries++) log.failed(REFUSED);
  expect(said()).toEqual([expect.stringContaining('nothing listens there')]);
  log.up();
  expect(said()).toEqual([expect.stringContaining('is up')]);
});

it('tells at once of a line that had lasted, however often', () => {
  const { log, said } = open();
  for (let times = 0; times < 3; times++) {
    log.lost(GONE, false);
    log.up();
  }
  expect(said()).toHaveLength(3);
});
