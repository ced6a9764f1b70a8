/** What decides whether a connection is alive. All times by the monotonic clock, milliseconds. */
export interface Vitals {
  readonly lastLife: number;
  readonly nextPing: number;
  /** Since when the write under way makes no progress. */
  readonly writingSince: number | undefined;
  /** When the access token runs out. */
  readonly expires: number;
}

export interface VitalTimes {
  readonly pingPeriodMs: number;
  readonly pongWaitMs: number;
  readonly writeWaitMs: number;
}

export type VitalAct = 'ping' | 'dead_peer' | 'stuck_write' | 'expired';

/** What is to be done now (A5.4, A6.4); the first that ends the connection makes the rest pointless. */
export function dueActs(vitals: Vitals, times: VitalTimes, now: number): readonly VitalAct[] {
  if (now >= vitals.expires) return ['expired'];
  if (now >= vitals.lastLife + times.pongWaitMs) return ['dead_peer'];
  if (vitals.writingSince !== undefined && now >= vitals.writingSince + times.writeWaitMs)
    return ['stuck_write'];
  return now >= vitals.nextPing ? ['ping'] : [];
}

/** When to look again. Never later than a write that begins right now could be stuck, so that writes need no timer of their own. */
export function nextLook(vitals: Vitals, times: VitalTimes, now: number): number {
  const stuck = (vitals.writingSince ?? now) + times.writeWaitMs;
  return Math.min(vitals.expires, vitals.lastLife + times.pongWaitMs, stuck, vitals.nextPing);
}

/** Jittered downwards, so that thousands of connections opened at once are not pinged at once for ever. */
export function pingDelay(pingPeriodMs: number, random: number): number {
  return pingPeriodMs * (1 - random / 10);
}
