export function measureBundle(): Promise<{
  minified: number;
  gzipped: number;
  /** Path -> bytes that it adds. */
  modules: Record<string, number>;
  code: string;
}>;
