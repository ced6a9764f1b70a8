export declare function findChromium(): string | undefined;
export declare function findGo(): string | undefined;
export declare function toolOrSkip(
  name:
    | 'chromium'
    | 'go'
    | 'openssl'
    | 'postgresql'
    | 'promtool'
    | 'python3'
    | 'redis-server'
    | 'strace'
    | 'systemd-analyze',
): string | undefined;
export declare function missingTools(): string[];
