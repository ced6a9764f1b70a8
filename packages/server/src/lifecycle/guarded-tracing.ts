import type { Logger } from '../ports/logger.js';
import type { Span, TracedWork, Tracing } from '../ports/tracing.js';

/** A span that nobody records. */
const NO_SPAN: Span = { run: (work) => work(), end() {} };

/**
 * The tracing a program brought, kept from doing harm: what it throws is logged, once, and the request goes on as if
 * there were no tracing.
 */
export function guardedTracing(tracing: Tracing, logger: Pick<Logger, 'warn'>): Tracing {
  let told = false;
  const complain = (error: unknown) => {
    if (!told)
      logger.warn({ err: error }, 'tracing failed; requests go on without, and this is not told again');
    told = true;
  };
  return {
    begin(work: TracedWork): Span {
      try {
        return guardedSpan(tracing.begin(work), complain);
      } catch (error) {
        complain(error);
        return NO_SPAN;
      }
    },
  };
}

function guardedSpan(span: Span, complain: (error: unknown) => void): Span {
  return {
    run: (work) => runOnce(span, work, complain),
    end(end) {
      try {
        span.end(end);
      } catch (error) {
        complain(error);
      }
    },
  };
}

type Run<T> =
  | { readonly kind: 'not_yet' }
  | { readonly kind: 'returned'; readonly value: T }
  | { readonly kind: 'threw'; readonly error: unknown };

/** Whatever the span does around it, the work is done exactly once and its own outcome is what comes back. */
function runOnce<T>(span: Span, work: () => T, complain: (error: unknown) => void): T {
  let run: Run<T> = { kind: 'not_yet' };
  const once = (): T => {
    if (run.kind === 'not_yet') run = attempt(work);
    if (run.kind === 'threw') throw run.error;
    return (run as Extract<Run<T>, { kind: 'returned' }>).value;
  };
  try {
    span.run(once);
  } catch (error) {
    if ((run as Run<T>).kind !== 'threw') complain(error);
  }
  return once();
}

function attempt<T>(work: () => T): Run<T> {
  try {
    return { kind: 'returned', value: work() };
  } catch (error) {
    return { kind: 'threw', error };
  }
}
