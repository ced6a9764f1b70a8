/** How the tests start Chromium: as root too, in a container, without a network. */
import { toolOrSkip } from './tools.mjs';

const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** For `chromium.launch(…)` of playwright-core; `undefined` when there is no browser and the tests shall skip. */
export function launchOptions() {
  const executablePath = toolOrSkip('chromium');
  return executablePath === undefined ? undefined : { executablePath, args: [...ARGS], headless: true };
}
