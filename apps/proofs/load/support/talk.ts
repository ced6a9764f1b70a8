export interface Writer {
  /** Which person. */
  readonly number: number;
  readonly scope: string;
}

export interface Said {
  /** Acknowledged. */
  readonly messages: number;
  /** Not acknowledged, by code. */
  readonly failed: Readonly<Record<string, number>>;
  /** The last number that each writer said. */
  readonly last: Readonly<Record<string, number>>;
}

/** Writers who say numbered messages at a steady pace, whatever becomes of the ones before. */
export class Talk {
  private readonly last: Record<string, number> = {};
  private readonly answers: Promise<unknown>[] = [];
  private readonly timers: NodeJS.Timeout[];

  constructor(
    writers: readonly Writer[],
    everyMs: number,
    private readonly send: (number: number, scope: string, body: string) => Promise<void>,
  ) {
    // Spread over the period, so that they do not all speak in the same turn.
    this.timers = writers.map((writer, index) =>
      setTimeout(
        () => {
          this.timers.push(setInterval(() => this.say(writer), everyMs));
        },
        (index / writers.length) * everyMs,
      ),
    );
  }

  async end(codeOf: (cause: unknown) => string): Promise<Said> {
    for (const timer of this.timers) clearTimeout(timer);
    const settled = await Promise.allSettled(this.answers);
    const failed: Record<string, number> = {};
    for (const one of settled) {
      if (one.status === 'fulfilled') continue;
      const code = codeOf(one.reason);
      failed[code] = (failed[code] ?? 0) + 1;
    }
    const refused = Object.values(failed).reduce((sum, count) => sum + count, 0);
    return { messages: settled.length - refused, failed, last: this.last };
  }

  private say({ number, scope }: Writer): void {
    const writer = `w${number}`;
    const next = (this.last[writer] ?? 0) + 1;
    this.last[writer] = next;
    this.answers.push(this.send(number, scope, `${writer} ${next}`));
  }
}
