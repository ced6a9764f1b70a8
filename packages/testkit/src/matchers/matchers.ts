import { isRequestType, type RequestData, type RequestType } from '@goconnect/protocol/validators';
import type { FakeServer } from '../fake-server/fake-server.js';
import { TestkitError } from '../support/testkit-error.js';

/** What vitest and jest take from a matcher. */
export interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

/** Part of a request's data; each field is a value, or an asymmetric matcher such as `expect.stringMatching(/^hi/)`. */
export type RequestPattern<K extends RequestType> = {
  readonly [F in keyof RequestData<K>]?: RequestData<K>[F] | { asymmetricMatch(value: unknown): boolean };
};

/**
 * Types of the matchers, for the declaration that a test runner wants:
 *
 *     declare module 'vitest' { interface Matchers<T> extends TestkitMatchers<T> {} }
 *     declare module 'expect' { interface Matchers<R extends void | Promise<void>> extends TestkitMatchers<R> {} } // jest
 */
export interface TestkitMatchers<R = unknown> {
  toHaveReceived<K extends RequestType>(type: K, where?: RequestPattern<K>): R;
  toHaveReceivedTimes<K extends RequestType>(type: K, times: number, where?: RequestPattern<K>): R;
}

/**
 * Matchers for `expect.extend(...)` of vitest and jest:
 *
 * - `expect(server).toHaveReceived('chat.send', { body: 'hi' })`: at least one request with that in its data
 * - `expect(server).toHaveReceivedTimes('chat.send', 2)`: exactly so many
 */
export const matchers = {
  toHaveReceived(server: FakeServer, type: RequestType, where: object = {}): MatcherResult {
    const pass = countOf(server, type, where) > 0;
    return {
      pass,
      message: () => explain(server, `${pass ? 'not to receive' : 'to receive'} ${wanted(type, where)}`),
    };
  },
  toHaveReceivedTimes(
    server: FakeServer,
    type: RequestType,
    times: number,
    where: object = {},
  ): MatcherResult {
    const count = countOf(server, type, where);
    const pass = count === times;
    return {
      pass,
      message: () =>
        explain(
          server,
          `${pass ? 'not to receive' : 'to receive'} ${wanted(type, where)} ${times} times; it was ${count} times`,
        ),
    };
  },
};

function countOf(server: FakeServer, type: RequestType, where: object): number {
  if (typeof server?.receivedOf !== 'function') {
    throw new TestkitError(
      'bad_argument',
      'This matcher looks at a fake server.',
      'Pass what createFakeServer() returned to expect().',
    );
  }
  if (!isRequestType(type)) {
    throw new TestkitError(
      'bad_argument',
      `${JSON.stringify(type)} is no request of the contract.`,
      'Give a type such as chat.send.',
    );
  }
  return server.receivedOf(type, where).length;
}

function wanted(type: string, where: object): string {
  return Object.keys(where).length === 0 ? type : `${type} with ${JSON.stringify(where)}`;
}

function explain(server: FakeServer, expectation: string): string {
  const lines = server.received.slice(-10).map(({ type, data }) => `  ${type} ${JSON.stringify(data)}`);
  return [
    `Expected the fake server ${expectation}.`,
    lines.length > 0 ? 'Received last:' : 'Nothing was received.',
    ...lines,
  ].join('\n');
}
