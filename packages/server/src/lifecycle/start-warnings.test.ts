import { expect, it } from 'vitest';
import { openFilesLimit, startWarnings } from './start-warnings.js';

const settings = { wsMaxConnections: 10_000, wsMaxUnauthenticated: 1_000 };

it('warns of a limit of open files below what the settings need, and says what to do', () => {
  expect(startWarnings(settings, 1_024)).toEqual([
    expect.stringMatching(
      /may open 1024 files, WS_MAX_CONNECTIONS=10000 needs 11200: raise the limit .*LimitNOFILE/,
    ),
  ]);
  expect(startWarnings(settings, 11_200)).toEqual([]);
  expect(startWarnings(settings, 11_199)).toHaveLength(1);
});

it('says nothing where the system does not tell', () => {
  expect(startWarnings(settings, undefined)).toEqual(startWarnings(settings, openFilesLimit()));
});

it.skipIf(process.platform !== 'linux')('finds the limit of this process', () => {
  expect(openFilesLimit()).toBeGreaterThan(10);
});
