import { expect, it, vi } from 'vitest';
import { createFakeLifecycle } from './fake-lifecycle.js';

it('tells a client what concerns its connection and nothing else', () => {
  const lifecycle = createFakeLifecycle();
  const told: string[] = [];
  const stop = lifecycle.subscribe((signal) => told.push(signal));
  for (const moment of [
    'hidden',
    'freeze',
    'pagehide',
    'offline',
    'online',
    'resume',
    'pageshow',
    'visible',
  ] as const) {
    lifecycle.emit(moment);
  }
  expect(told).toEqual(['offline', 'wake', 'wake', 'wake', 'wake']);
  expect(lifecycle.subscribers).toBe(1);
  stop();
  lifecycle.emit('wake');
  expect([told.length, lifecycle.subscribers]).toEqual([5, 0]);
});

it('stands in for window and document, and takes itself away again', () => {
  const lifecycle = createFakeLifecycle();
  const uninstall = lifecycle.install();
  const seen = vi.fn();
  const { window, document } = globalThis as unknown as {
    window: EventTarget;
    document: EventTarget & { visibilityState: string };
  };
  window.addEventListener('pageshow', (event) =>
    seen('pageshow', (event as unknown as { persisted: boolean }).persisted),
  );
  document.addEventListener('visibilitychange', () => seen(document.visibilityState));
  lifecycle.emit('pageshow');
  lifecycle.emit('hidden');
  expect(seen.mock.calls).toEqual([['pageshow', true], ['hidden']]);
  uninstall();
  expect('window' in globalThis).toBe(false);
});
