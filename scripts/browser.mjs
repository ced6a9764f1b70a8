/** How the tests start Chromium: as root too, in a container, without a network. */
import { toolOrSkip } from './tools.mjs';

/**
 * The first two draw pages of their own for the address bar of each window, seen by nobody: half of what Chromium 156
 * took for `apps/chat/e2e/conversation` (32 s of CPU with them, 18 without, 2026-12-01, two cores). The others are
 * those that Playwright turns off; its switch counts no more where this one is given.
 */
const FEATURES_OFF = [
  'WebUIOmniboxPopup',
  'WebUIOmniboxAimPopup',
  'AimEnabled',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsFirstBalancedModeAutoEnable',
  'HttpsUpgrades',
  'LensOverlay',
  'MediaRouter',
  'NetworkTimeServiceQuerying',
  'OptimizationHints',
  'PaintHolding',
  'PreconnectToSearch',
  'ThirdPartyStoragePartitioning',
];

const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  `--disable-features=${FEATURES_OFF}`,
];

/** For `chromium.launch(…)` of playwright-core; `undefined` when there is no browser and the tests shall skip. */
export function launchOptions() {
  const executablePath = toolOrSkip('chromium');
  return executablePath === undefined ? undefined : { executablePath, args: [...ARGS], headless: true };
}
