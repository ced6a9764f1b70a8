/** Brings pnpm and the dependencies into this folder, and only when something changed. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { alone } from './lock.mjs';
import { must, Stop } from './process.mjs';

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

const PNPM_VERSION = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).packageManager.split(
  '@',
)[1];
const TOOLCHAIN = join(ROOT, '.toolchain');
const PNPM_HOME = join(TOOLCHAIN, `pnpm-${PNPM_VERSION}`);
const PNPM = join(PNPM_HOME, 'node_modules', 'pnpm', 'bin', 'pnpm.cjs');
const STAMP = join(ROOT, 'node_modules', '.installed-from');
const OLDEST_NODE = 20;

/** The environment of every command: pnpm found on PATH (turbo needs it there), nobody phones home. */
export function environment() {
  const env = { ...process.env };
  // npm tells its scripts where it works; none of that is meant for the tools started here.
  for (const name of Object.keys(env))
    if (/^npm_(package_|lifecycle_|config_(local_|global_)?prefix$)/i.test(name)) delete env[name];
  if (env.HOME === '') delete env.HOME;
  env.PATH = [
    join(PNPM_HOME, 'node_modules', '.bin'),
    join(ROOT, 'node_modules', '.bin'),
    dirname(process.execPath),
    env.PATH,
  ].join(delimiter);
  env.TURBO_TELEMETRY_DISABLED = '1';
  env.TURBO_NO_UPDATE_NOTIFIER = '1';
  env.DO_NOT_TRACK = '1';
  return env;
}

/** npm as it was called, else the one beside this Node, else whatever PATH has. @returns {[string, string[]]} */
function npmCommand() {
  const candidates = [
    process.env.npm_execpath,
    join(dirname(process.execPath), '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(dirname(process.execPath), 'node_modules', 'npm', 'bin', 'npm-cli.js'),
  ];
  const found = candidates.find((path) => path && /npm-cli\.js$/.test(path) && existsSync(path));
  return found ? [process.execPath, [found]] : ['npm', []];
}

async function ensurePnpm() {
  if (existsSync(PNPM)) return;
  console.log(`Fetching pnpm ${PNPM_VERSION} …`);
  // Installed aside and renamed, so that an interrupted download is never taken for a whole one.
  const aside = join(TOOLCHAIN, 'incomplete');
  rmSync(aside, { recursive: true, force: true });
  mkdirSync(aside, { recursive: true });
  writeFileSync(join(aside, 'package.json'), '{"private":true}\n');
  const [npm, args] = npmCommand();
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--no-update-notifier'];
  await must('Fetching pnpm', npm, [...args, 'install', ...flags, `pnpm@${PNPM_VERSION}`], {
    cwd: aside,
    env: environment(),
    quiet: true,
  });
  rmSync(PNPM_HOME, { recursive: true, force: true });
  renameSync(aside, PNPM_HOME);
}

/** One hash over everything which decides what node_modules must hold. */
function wanted() {
  const manifests = ['packages', 'apps'].flatMap((group) =>
    readdirSync(join(ROOT, group)).map((name) => join(group, name, 'package.json')),
  );
  const hash = createHash('sha256').update(`${process.platform}-${process.arch}\n`);
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json', ...manifests.sort()]) {
    if (!existsSync(join(ROOT, file))) continue;
    hash.update(`${file}\n`).update(readFileSync(join(ROOT, file)));
  }
  return hash.digest('hex');
}

/** `npm install` leaves this file: then node_modules is no longer what pnpm laid out. */
const npmWasHere = () => existsSync(join(ROOT, 'node_modules', '.package-lock.json'));

function isInstalled() {
  return !npmWasHere() && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted();
}

/** @param {string[]} args */
export async function pnpm(args, { quiet = false } = {}) {
  await ensurePnpm();
  await must(`pnpm ${args[0]}`, process.execPath, [PNPM, ...args], { cwd: ROOT, env: environment(), quiet });
}

/**
 * The one install or build in this folder.
 * @template T
 * @param {() => Promise<T>} work
 */
export const exclusively = (work) => alone(join(TOOLCHAIN, 'lock'), work);

const INSTALL = ['install', '--frozen-lockfile', '--ignore-scripts', '--prefer-offline'];

/** A folder which is no part of the workspace and has a lockfile of its own. @param {string} folder */
export const installAlone = (folder) =>
  pnpm([...INSTALL, '--ignore-workspace', '--dir', folder], { quiet: true });

export async function install() {
  if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE)
    throw new Stop(`Node ${OLDEST_NODE} or newer is needed; this is ${process.version}.`);
  await ensurePnpm();
  if (isInstalled()) return;
  rmSync(STAMP, { force: true });
  console.log('Installing dependencies …');
  if (npmWasHere()) rmSync(join(ROOT, 'node_modules'), { recursive: true, force: true });
  await pnpm(INSTALL, { quiet: true });
  writeFileSync(STAMP, wanted());
}
