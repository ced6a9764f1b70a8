/** What became of an operation, in a word or two: `ok`, or the code of the refusal and its reason. */
export async function outcome(operation: Promise<unknown>): Promise<string> {
  try {
    await operation;
    return 'ok';
  } catch (error) {
    const { code, details } = error as { code?: string; details?: { reason?: string } };
    return [code ?? String(error), details?.reason].filter(Boolean).join(' ');
  }
}
