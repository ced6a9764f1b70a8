import { type RefObject, useLayoutEffect, useRef } from 'react';

/** Closer to an end than this counts as being there; CSS pixels. */
const NEAR = 80;

export interface ReadingPlace {
  readonly ref: RefObject<HTMLDivElement | null>;
  readonly onScroll: () => void;
  readonly toEnd: () => void;
}

/**
 * Keeps the place of who reads: at the end one stays at the end when something comes, and further up the text stays
 * where it is, also when older messages are put before it. `first` and `last` name the outermost entries.
 */
export function useReadingPlace(
  first: string | undefined,
  last: string | undefined,
  onPlace: (place: { readonly atEnd: boolean; readonly atStart: boolean }) => void,
): ReadingPlace {
  const ref = useRef<HTMLDivElement>(null);
  const place = useRef({ atEnd: true, fromEnd: 0, first });

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new outermost entry is what moves the text
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    if (place.current.atEnd) element.scrollTop = element.scrollHeight;
    else if (place.current.first !== first) element.scrollTop = element.scrollHeight - place.current.fromEnd;
    place.current.first = first;
    place.current.fromEnd = element.scrollHeight - element.scrollTop;
  }, [first, last]);

  // What grows without a new entry (an edit, a keyboard on a phone) must not push the end out of sight either.
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    const observer = new ResizeObserver(() => {
      if (place.current.atEnd) element.scrollTop = element.scrollHeight;
    });
    observer.observe(element);
    for (const child of element.children) observer.observe(child);
    return () => observer.disconnect();
  }, []);

  return {
    ref,
    onScroll() {
      const element = ref.current;
      if (!element) return;
      const fromEnd = element.scrollHeight - element.scrollTop;
      const atEnd = fromEnd - element.clientHeight < NEAR;
      place.current = { ...place.current, atEnd, fromEnd };
      onPlace({ atEnd, atStart: element.scrollTop < NEAR });
    },
    toEnd() {
      const element = ref.current;
      if (element) element.scrollTop = element.scrollHeight;
    },
  };
}
