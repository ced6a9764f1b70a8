import { setTimeout as pause } from 'node:timers/promises';
import { GoConnectError } from '@goconnect/client';
import { expect, vi } from 'vitest';
import { type Login, wholeHistory } from '../../support/demo-users.js';
import type { Guest } from './guest.js';

/** Between an answer and the next message of the same writer: traffic, and no test of the cores. */
const BREATH_MS = 15;
const PATIENCE_MS = 60_000;

/** Writers who say `w<index> <number>` into a room, one message after the other, until it ends. */
export class Talk {
  /** By id of the message. */
  readonly acknowledged = new Map<string, string>();
  readonly failed: string[] = [];
  private state: 'talking' | 'ended' = 'talking';
  private readonly writers: readonly Promise<void>[];

  constructor(
    guests: readonly Guest[],
    readonly room: string,
  ) {
    this.writers = guests.map((guest, index) => this.write(guest, `w${index}`));
  }

  /** Resolves when so many more were acknowledged. */
  async goesOn(more: number): Promise<void> {
    const before = this.acknowledged.size;
    while (this.acknowledged.size < before + more) {
      if (this.failed.length > 0) throw new Error(this.failed.join('; '));
      await pause(2);
    }
  }

  /** Resolves when everything that was said is answered. */
  async end(): Promise<void> {
    this.state = 'ended';
    await Promise.all(this.writers);
  }

  private async write({ client }: Guest, name: string): Promise<void> {
    const room = client.room(this.room);
    for (let number = 0; this.state === 'talking'; number++) {
      const body = `${name} ${number}`;
      try {
        this.acknowledged.set((await room.send(body)).message_id, body);
      } catch (error) {
        this.failed.push(`${body}: ${GoConnectError.from(error).code}`);
        return;
      }
      await pause(BREATH_MS);
    }
  }
}

/** Everything that was acknowledged is in the log once and in order, and everybody was given the log, once and in order. */
export async function judge(talk: Talk, guests: readonly Guest[], http: string, login: Login): Promise<void> {
  expect(talk.failed).toEqual([]);
  const stored = await wholeHistory(http, login, talk.room);
  const bodies = stored.map(({ body }) => body);
  expect(new Map(stored.map(({ id, body }) => [id, body]))).toEqual(talk.acknowledged);
  expect(new Set(bodies).size).toBe(bodies.length);
  const next = new Map<string, number>();
  for (const body of bodies) {
    const [writer = '', number] = body.split(' ');
    expect(Number(number)).toBe(next.get(writer) ?? 0);
    next.set(writer, Number(number) + 1);
  }
  for (const guest of guests) {
    const said = () => guest.of(talk.room).filter(({ type }) => type === 'chat.message');
    await vi.waitUntil(() => said().length >= bodies.length, PATIENCE_MS).catch(() => {});
    expect(said().map(({ what }) => what)).toEqual(bodies);
    const places = guest.of(talk.room).map(({ seq }) => seq);
    expect(places).toEqual(places.map((_, index) => (places[0] ?? 0) + index));
    expect(guest.gaps).toEqual([]);
  }
}
