import type { Problem } from '../state/problem.js';
import { problemOf } from './problem-of.js';
import type { SessionContext } from './session-context.js';

/** Code of the server -> what it means here, for a person. */
export type Words = Readonly<Record<string, string>>;

export const NETWORK_WORDS: Words = {
  ERR_NOT_FOUND: 'This network is no longer there.',
  ERR_CONFLICT: 'This has been settled already.',
};

/** Does something with a network. Resolves with the problem, if there was one; never rejects. */
export async function attempt(work: () => Promise<void>, own: Words = {}): Promise<Problem | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return problemOf(error, { ...NETWORK_WORDS, ...own });
  }
}

/** As `attempt`, for actions without a form of their own to show the problem in. */
export async function announced(
  { dispatch }: SessionContext['store'],
  work: () => Promise<void>,
  own?: Words,
): Promise<Problem | undefined> {
  const problem = await attempt(work, own);
  if (problem) dispatch({ type: 'notice.raised', tone: 'problem', text: problem.text });
  return problem;
}
