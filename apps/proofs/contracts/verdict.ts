import type { CaseResult, ConformanceReport, Outcome, RunOptions } from '@goconnect/testkit';

/** What became of one case. Rejects when the judge did not run exactly that one. */
export async function outcomeOf(
  { name }: Pick<CaseResult, 'name'>,
  judge: (options: RunOptions) => Promise<ConformanceReport>,
): Promise<Outcome> {
  const { results } = await judge({ only: name });
  const [result] = results;
  if (results.length !== 1 || result?.name !== name) throw new Error(`The judge did not run only "${name}"`);
  return result.outcome;
}
