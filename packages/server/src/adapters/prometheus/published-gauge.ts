import { Gauge, type Registry } from 'prom-client';

export interface PublishedGauge {
  readonly published: string;
  readonly conventional: string;
  readonly help: string;
}

/**
 * A number under its published name, which says `_total` though it is a gauge, and under one that follows the
 * conventions. The published one is exposed as `untyped`: see `withoutType`.
 */
export function publishedGauge(
  { published, conventional, help }: PublishedGauge,
  registers: Registry[],
): (value: number) => void {
  const gauges = [
    new Gauge({
      name: published,
      help: `${help}. Deprecated, use ${conventional}: this is no counter`,
      registers,
    }),
    new Gauge({ name: conventional, help, registers }),
  ];
  return (value) => {
    for (const gauge of gauges) gauge.set(value);
  };
}

/** Prometheus' linter refuses a gauge called `_total`, and tools would offer `rate()` for a counter: so neither is claimed. */
export function withoutType(text: string, names: readonly string[]): string {
  return names.reduce(
    (result, name) => result.replace(`# TYPE ${name} gauge`, () => `# TYPE ${name} untyped`),
    text,
  );
}
