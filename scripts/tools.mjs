/**
 * What some tests need beyond Node. Where it is missing they skip, visibly; with GOCONNECT_REQUIRE_ALL=1
 * (as in CI) they fail instead.
 */
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const executable = (/** @type {string} */ path) => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** @param {string} name @returns {string | undefined} */
const onPath = (name) =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) => [join(folder, name), join(folder, `${name}.exe`)])
    .find(executable);

/** Chromium or Chrome: CHROMIUM_PATH, else PATH, else where installers put it. */
export function findChromium() {
  const given = process.env.CHROMIUM_PATH;
  if (given) return executable(given) ? given : undefined;
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const places = [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  ];
  return names.map(onPath).find(Boolean) ?? places.find(executable);
}

/** The Go compiler. */
export function findGo() {
  return onPath('go') ?? ['/usr/local/go/bin/go', '/usr/lib/go/bin/go'].find(executable);
}

/** The checker of Prometheus, for metrics and rules. */
export const findPromtool = () => onPath('promtool');

/** The checker of systemd, for units. */
export const findSystemdAnalyze = () => onPath('systemd-analyze');

/** Tells the system calls of a process. */
export const findStrace = () => onPath('strace');

/** Makes terminals. */
export const findPython = () => onPath('python3');

/** Makes keys and certificates. */
export const findOpenssl = () => onPath('openssl');

/** A server of Redis. */
export const findRedis = () => onPath('redis-server');

/** The folder of `initdb` and `postgres`: PATH, else where Debian puts it. */
export function findPostgresql() {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian) : [];
  return [
    ...(process.env.PATH ?? '').split(delimiter),
    ...versions.map((version) => join(debian, version, 'bin')),
  ].find((folder) => ['initdb', 'postgres'].every((name) => executable(join(folder, name))));
}

const TOOLS = {
  chromium: { find: findChromium, get: 'apt-get install chromium, or set CHROMIUM_PATH' },
  go: { find: findGo, get: 'apt-get install golang, or put go on PATH' },
  openssl: { find: findOpenssl, get: 'apt-get install openssl, or put openssl on PATH' },
  postgresql: {
    find: findPostgresql,
    get: 'apt-get install postgresql, or put initdb and postgres on PATH',
  },
  promtool: { find: findPromtool, get: 'apt-get install prometheus, or put promtool on PATH' },
  python3: { find: findPython, get: 'apt-get install python3, or put python3 on PATH' },
  'redis-server': { find: findRedis, get: 'apt-get install redis-server, or put redis-server on PATH' },
  strace: { find: findStrace, get: 'apt-get install strace (Linux only), or put strace on PATH' },
  'systemd-analyze': { find: findSystemdAnalyze, get: 'apt-get install systemd' },
};

/**
 * The path of a tool, or `undefined` when the tests that need it shall skip.
 * @param {keyof typeof TOOLS} name
 * @throws {Error} if it is missing and GOCONNECT_REQUIRE_ALL is set
 */
export function toolOrSkip(name) {
  const { find, get } = TOOLS[name];
  const path = find();
  if (path === undefined && process.env.GOCONNECT_REQUIRE_ALL)
    throw new Error(`${name} is missing, and GOCONNECT_REQUIRE_ALL allows no skip. To get it: ${get}.`);
  return path;
}

/** One line for each tool which is not there, saying how to get it. */
export function missingTools() {
  return Object.entries(TOOLS)
    .filter(([, { find }]) => find() === undefined)
    .map(
      ([name, { get }]) =>
        `${name} is missing, so the tests which need it were skipped. To run them: ${get}.`,
    );
}
