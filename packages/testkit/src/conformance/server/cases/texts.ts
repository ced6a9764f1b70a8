import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { casesFor, must, mustEqual } from '../../case.js';
import type { ServerEnv } from '../server-env.js';
import { say } from './chat.js';

const ASTRAL = '😀';
/** Texts that a server which tidies up would change: blanks at the ends, markup, letters that Unicode writes in two ways. */
const PECULIAR = [
  '  two blanks\t\n',
  '<b>&amp;</b> "\'',
  'e\u0301 \u00e9 \u212b \ufb00',
  'a\r\nb',
  '\ufeff\u200d\u202e',
  '   ',
];
/** Real milliseconds in which a server that fetches would have done so. */
const QUIET_MS = 150;

/** A3.5: what a message may hold. */
export const TEXT_CASES = casesFor<ServerEnv>('server', [
  {
    name: 'takes bodies of 1 to 4096 code points, and refuses 0 and 4097',
    rules: ['A3.5/body-length'],
    async run({ connect, one }) {
      const client = await connect(one);
      for (const body of ['x', 'x'.repeat(4_096), ASTRAL.repeat(4_096)]) {
        const id = await say(client, 'host', body);
        const { data } = await client.event('chat.message', { id });
        must(data.body === body, 'a body came back changed');
      }
      for (const body of ['', 'x'.repeat(4_097), ASTRAL.repeat(4_097)]) {
        const reply = await client.error('ERR_INVALID_MESSAGE', 'chat.send', { scope: 'host', body });
        mustEqual(reply.error?.details?.field, 'data.body', 'details.field');
      }
      const message_id = await say(client, 'host', 'draft');
      for (const new_body of ['', 'x'.repeat(4_097), ASTRAL.repeat(4_097)]) {
        const reply = await client.error('ERR_INVALID_MESSAGE', 'chat.edit', { message_id, new_body });
        mustEqual(reply.error?.details?.field, 'data.new_body', 'details.field');
      }
      for (const new_body of ['x', ASTRAL.repeat(4_096)])
        await client.ack('chat.edit', { message_id, new_body });
    },
  },
  {
    name: 'gives texts back as they were sent, byte for byte',
    rules: ['page/text'],
    async run({ connect, one, two }) {
      const [writer, reader] = [await connect(one), await connect(two)];
      for (const text of PECULIAR) {
        const id = await say(writer, 'host', text);
        const message = await reader.event('chat.message', { id });
        must(message.data.body === text, `a body came back changed: ${JSON.stringify(text)}`);
        await writer.ack('chat.edit', { message_id: id, new_body: `${text}${text}` });
        const edited = await reader.event('chat.edited', { message_id: id });
        must(
          edited.data.new_body === `${text}${text}`,
          `a new_body came back changed: ${JSON.stringify(text)}`,
        );
      }
    },
  },
  {
    name: 'refuses bodies with NUL or half a surrogate pair',
    rules: ['A3.5/nul', 'A3.5/well-formed'],
    async run({ connect, one }) {
      const client = await connect(one);
      for (const [name, json] of [
        ['nul', '"a\\u0000b"'],
        ['high', '"a\\ud83d"'],
        ['low', '"\\ude00b"'],
      ] as const) {
        client.sendText(`{"type":"chat.send","op_id":"${name}","data":{"scope":"host","body":${json}}}`);
        const reply = await client.until('a reply', () => client.replies(name)[0]);
        mustEqual(reply.error?.details?.field, 'data.body', `details.field for ${name}`);
      }
    },
  },
  {
    name: 'takes up to 10 http(s) attachments and refuses what is none',
    rules: [
      'A3.5/attachments-count',
      'A3.5/attachments-scheme',
      'A3.5/attachments-length',
      'A3.5/attachments-credentials',
      'A1.6/arrays',
    ],
    async run({ connect, one }) {
      const client = await connect(one);
      const url = (length: number) => `https://files.example/${'a'.repeat(length - 22)}`;
      const good = [
        'http://a.example/1',
        url(2_048),
        ...Array.from({ length: 8 }, (_, index) => `https://a.example/${index}`),
      ];
      const ack = await client.ack('chat.send', { scope: 'host', body: 'files', attachments: good });
      mustEqual(
        (await client.event('chat.message', { id: ack.data.message_id })).data.attachments,
        good,
        'attachments',
      );
      const bad = [
        'javascript:alert(1)',
        'data:text/html,x',
        'ftp://a.example',
        '/relative',
        'https://user:pw@a.example/',
        url(2_049),
        7,
        '',
      ];
      for (const one of bad)
        await client.error('ERR_INVALID_MESSAGE', 'chat.send', {
          scope: 'host',
          body: 'x',
          attachments: [one],
        });
      await client.error('ERR_INVALID_MESSAGE', 'chat.send', {
        scope: 'host',
        body: 'x',
        attachments: [...good, 'https://a.example/11'],
      });
    },
  },
  {
    name: 'never fetches an attachment',
    rules: ['A3.5/attachments-unfetched'],
    async run({ connect, one }) {
      const client = await connect(one);
      let asked = 0;
      const host = createServer((_, response) => {
        asked++;
        response.end();
      });
      await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve));
      const { port } = host.address() as AddressInfo;
      const attachments = [`http://127.0.0.1:${port}/picture.png`];
      try {
        const ack = await client.ack('chat.send', { scope: 'host', body: 'look', attachments });
        await client.event('chat.message', { id: ack.data.message_id });
        await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
      } finally {
        host.closeAllConnections();
        host.close();
      }
      mustEqual(asked, 0, 'requests for the attachment');
    },
  },
]);
