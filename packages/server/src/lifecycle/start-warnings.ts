import { readFileSync } from 'node:fs';
import type { Logger } from '../ports/logger.js';
import type { Settings } from '../settings/settings.js';

/** Files beside those of clients: database, log, probes, HTTP. */
const SPARE_FILES = 200;

/** How many files this process may have open, where the system says so (Linux). */
export function openFilesLimit(): number | undefined {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return soft === undefined ? undefined : Number(soft);
  } catch {
    return undefined;
  }
}

/** What is no reason not to start, and will hurt later. */
export function startWarnings(
  { wsMaxConnections, wsMaxUnauthenticated }: Pick<Settings, 'wsMaxConnections' | 'wsMaxUnauthenticated'>,
  limit: number | undefined = openFilesLimit(),
): readonly string[] {
  const needed = wsMaxConnections + wsMaxUnauthenticated + SPARE_FILES;
  if (limit === undefined || limit >= needed) return [];
  return [
    `this process may open ${limit} files, WS_MAX_CONNECTIONS=${wsMaxConnections} needs ${needed}: raise the limit (ulimit -n, LimitNOFILE=, --ulimit nofile) or lower WS_MAX_CONNECTIONS`,
  ];
}

export function logStartWarnings(settings: Settings, logger: Pick<Logger, 'warn'>): void {
  for (const warning of startWarnings(settings)) logger.warn({}, warning);
}
