import { afterEach, describe, expect, it, vi } from 'vitest';
import { createVirtualClock } from '../testing/virtual-clock.js';
import { autoLifecycle, enterLifecycle } from './lifecycle.js';

/** A page, its client listening; gives what the client is told, and how to stop it. */
function page(window = new EventTarget()) {
  const document = Object.assign(new EventTarget(), { visibilityState: 'hidden' });
  vi.stubGlobal('document', document);
  vi.stubGlobal('window', window);
  const clock = createVirtualClock();
  const told: string[] = [];
  const leave = autoLifecycle(clock).subscribe((signal) => told.push(signal));
  return { document, window, clock, told, leave };
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('the life of a page', () => {
  it('is told as what may have cost the connection', () => {
    const { document, window, told } = page();
    document.dispatchEvent(new Event('visibilitychange'));
    window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: false }));
    expect(told).toEqual([]);
    document.visibilityState = 'visible';
    document.dispatchEvent(new Event('visibilitychange'));
    document.dispatchEvent(new Event('resume'));
    window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }));
    window.dispatchEvent(new Event('online'));
    window.dispatchEvent(new Event('offline'));
    expect(told).toEqual(['wake', 'wake', 'wake', 'wake', 'offline']);
  });

  it('leaves no listener and no timer when nobody asks any more', async () => {
    const { document, window, clock, told, leave } = page();
    await clock.advance(10_000);
    expect(clock.pending).toBe(1);
    leave();
    expect(clock.pending).toBe(0);
    document.dispatchEvent(new Event('resume'));
    for (const type of ['online', 'offline']) window.dispatchEvent(new Event(type));
    expect(told).toEqual([]);
  });

  it('is listened to where the page is of another realm, and takes no signal of this one (jsdom)', () => {
    class ForeignTarget extends EventTarget {
      override addEventListener(...[type, listener, options]: Parameters<EventTarget['addEventListener']>) {
        if (typeof options === 'object' && options.signal)
          throw new TypeError('member signal is not of type AbortSignal');
        super.addEventListener(type, listener, options);
      }
    }
    const { window, told, leave } = page(new ForeignTarget());
    window.dispatchEvent(new Event('online'));
    leave();
    window.dispatchEvent(new Event('online'));
    expect(told).toEqual(['wake']);
  });

  it('that cannot be listened to is told, and leaves no listener and no timer either', () => {
    const refused = new Error('no listeners here');
    const document = Object.assign(new EventTarget(), { visibilityState: 'visible' });
    vi.stubGlobal('document', document);
    vi.stubGlobal('window', {
      addEventListener() {
        throw refused;
      },
    });
    const clock = createVirtualClock();
    const told: unknown[] = [];
    const leave = enterLifecycle(
      autoLifecycle(clock),
      (signal) => told.push(signal),
      (error) => told.push(error),
    );
    document.dispatchEvent(new Event('resume'));
    expect(clock.pending).toBe(0);
    leave();
    expect(told).toEqual([refused]);
  });
});
