import { expect, it } from 'vitest';
import { createFakeServer, fakeServerTarget, judgeServer, tableReport, wsDial } from '../src/index.js';
import { type Mutation, mutantDial } from './mutants/mutant-dial.js';

/** The table of a run of the cases that `only` means, against a server that leaves these fields out of events. */
async function tableOf(only: string, ...fields: readonly string[]): Promise<string> {
  await using server = await createFakeServer({ transport: 'ws' });
  const mutation: Mutation = {
    down: (envelope) =>
      envelope.op_id === undefined && envelope.data
        ? {
            ...envelope,
            data: Object.fromEntries(Object.entries(envelope.data).filter(([f]) => !fields.includes(f))),
          }
        : envelope,
  };
  const target = { ...fakeServerTarget(server), dial: mutantDial(wsDial, mutation), hidesStatus: false };
  return tableReport(await judgeServer(target, { only }));
}

const ACCEPTED = '(A1.4: clients accept its absence, but the page shows it)';

it('says of what the original server leaves out that clients accept it, and cites the page', async () => {
  expect(await tableOf('sends every event with', 'attachments', 'deleted_at')).toContain(
    [
      '  page/events: sends every event with the fields that are published, and tells in them what happened',
      `      page/events: chat.message lacks deleted_at, attachments ${ACCEPTED}`,
    ].join('\n'),
  );
  for (const [only, field, type] of [
    ['says who came', 'role', 'member.joined'],
    ['says who came', 'reason', 'admin.kick'],
    ['says who changed', 'properties', 'net.updated'],
  ] as const)
    expect(await tableOf(only, field)).toContain(`page/events: ${type} lacks ${field} ${ACCEPTED}`);
});

it('says no such thing of what no client can do without', async () => {
  const table = await tableOf('sends every event with', 'new_body');
  expect(table).toContain('page/events: chat.edited');
  expect(table).not.toContain('A1.4');
});

it('says it of details as well', async () => {
  await using server = await createFakeServer({ transport: 'ws' });
  const bare: Mutation = {
    down: ({ error, ...rest }) =>
      error ? JSON.stringify({ ...rest, error: { code: error.code, message: error.message } }) : rest,
  };
  const target = { ...fakeServerTarget(server), dial: mutantDial(wsDial, bare), hidesStatus: false };
  const table = tableReport(await judgeServer(target, { only: 'gives error envelopes' }));
  expect(table).toContain(`page/error: the error has no details ${ACCEPTED}`);
});
