import type { Problem } from './problem.js';

/** How far something is that the server was asked for. */
export type Loading =
  | { readonly status: 'loading' }
  | { readonly status: 'ready' }
  | { readonly status: 'failed'; readonly problem: Problem };
