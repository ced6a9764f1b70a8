import { expect, test } from 'vitest';
import type { z } from 'zod';
import type { EventMap, RequestMap } from '../src/generated/types.js';
import type { EVENTS, REQUESTS } from '../src/registry.js';

type Requests = typeof REQUESTS;
type Events = typeof EVENTS;

/** zod knows no `readonly`, and says `undefined` wherever a field may be absent. */
type AsZod<T> = T extends string | number | boolean | null | undefined
  ? T
  : T extends readonly (infer Item)[]
    ? AsZod<Item>[]
    : string extends keyof T
      ? T
      : { -readonly [K in keyof T]: AsZod<T[K]> | Absent<T, K> };

type Absent<T, K extends keyof T> = Partial<Pick<T, K>> extends Pick<T, K> ? undefined : never;

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

/** The names for which the generated type and the one that zod infers differ. */
type Different<Same> = { [K in keyof Same]: Same[K] extends true ? never : K }[keyof Same];

type Writes = { [K in keyof Requests]: Same<AsZod<RequestMap[K]['data']>, z.input<Requests[K]['data']>> };
type Replies = { [K in keyof Requests]: Same<AsZod<RequestMap[K]['reply']>, z.output<Requests[K]['ack']>> };
type Reads = { [K in keyof Events]: Same<AsZod<EventMap[K]>, z.output<Events[K]['data']>> };

test('the generated types are those that zod infers', () => {
  // Held by the compiler: one name that differs makes these lists impossible to write.
  const different: Different<Writes>[] | Different<Replies>[] | Different<Reads>[] = [];
  const none: never[] = different satisfies never[];
  expect(none).toEqual([]);
});

test('what a reader has is never undefined where a default stands in', () => {
  const message: Pick<EventMap['chat.message'], 'attachments' | 'deleted_at' | 'redacted'> = {
    attachments: [],
    deleted_at: null,
    redacted: false,
  };
  // @ts-expect-error A reader always has the list.
  const without: typeof message = { deleted_at: null, redacted: false };
  // @ts-expect-error A member that is there has a value.
  const joined: EventMap['member.joined'] = { network_id: 'n', user_id: 'u', role: undefined };
  expect([message, without, joined]).toHaveLength(3);
});

test('open words complete the known ones and take others', () => {
  const known: EventMap['presence.update']['status'] = 'online';
  const later: EventMap['presence.update']['status'] = 'away';
  // @ts-expect-error What a client writes is a closed list.
  const mode: RequestMap['chat.delete']['data']['mode'] = 'purge';
  expect([known, later, mode]).toHaveLength(3);
});
