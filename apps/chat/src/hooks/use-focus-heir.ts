import { type RefObject, useLayoutEffect, useRef } from 'react';

/** What takes the focus when an element is gone that had it: the closest place around it that can. */
export const heirOf = (element: Element | null): HTMLElement | null =>
  element?.parentElement?.closest<HTMLElement>('[tabindex]') ?? null;

/** For what may go away while it has the focus. Left alone, browsers begin at the top of the page again, without a word. */
export function useFocusHeir<E extends HTMLElement>(): RefObject<E | null> {
  const ref = useRef<E>(null);
  useLayoutEffect(() => {
    const element = ref.current;
    return () => {
      if (element?.contains(document.activeElement)) heirOf(element)?.focus();
    };
  }, []);
  return ref;
}
