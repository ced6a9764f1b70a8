import { describe, expect, it } from 'vitest';
import { memoryDial } from '../conformance/server/memory-dial.js';
import { createFakeServer } from '../fake-server/create-fake-server.js';
import { makeRequest } from '../fake-server/factories.js';
import { createFakeNetwork } from '../network/fake-network.js';
import type { FakeWebSocketConstructor } from '../network/fake-web-socket.js';
import { createVirtualClock } from '../time/virtual-clock.js';
import { recordSession } from './record-session.js';
import { type Recording, readRecording } from './recording.js';
import { replayToClient } from './replay-to-client.js';
import { replayToServer } from './replay-to-server.js';

/** A session of two requests, recorded; the second one is refused. */
async function record(redaction = {}): Promise<Recording> {
  await using server = createFakeServer({ seed: 'record' });
  const recorder = recordSession(server.WebSocket as FakeWebSocketConstructor, redaction, server.clock);
  const { refreshToken, accessToken } = server.tokens('ada');
  const socket = new recorder.WebSocket(`${server.url}?token=${accessToken}`, ['goconnect.v1']);
  const clock = server.clock as ReturnType<typeof createVirtualClock>;
  await clock.advance(0);
  socket.send(JSON.stringify(makeRequest('chat.send', { body: 'my secret words' }, 'a')));
  await clock.advance(250);
  socket.send(JSON.stringify(makeRequest('chat.edit', { message_id: 'nope' }, 'b')));
  await clock.advance(0);
  socket.send(JSON.stringify(makeRequest('auth.refresh', { refresh_token: refreshToken }, 'c')));
  await clock.advance(0);
  server.closeConnections(1001);
  await clock.advance(0);
  return recorder.recording();
}

describe('a recording', () => {
  it('has frames, times and ends, and no token', async () => {
    const recording = await record();
    expect(recording.steps.map(({ kind, at }) => `${at} ${kind}`)).toEqual([
      '0 open',
      '0 received',
      '0 sent',
      '0 received',
      '0 received',
      '250 sent',
      '250 received',
      '250 sent',
      '250 received',
      '250 closed',
    ]);
    expect(JSON.stringify(recording)).not.toContain('eyJ');
    expect(JSON.stringify(recording)).toContain('my secret words');
    expect(readRecording(JSON.stringify(recording))).toEqual(recording);
  });

  it('leaves bodies out on request', async () => {
    expect(JSON.stringify(await record({ bodies: true }))).not.toContain('secret');
  });

  it.each([
    [99_999, '', /steps\.0\.code is 99999/],
    [2000, '', /steps\.0\.code is 2000/],
    [1001, 'x'.repeat(124), /steps\.0\.reason is/],
  ])('is refused when it ends as no connection can: %s %s', (code, reason, message) => {
    const recording = {
      version: 1,
      steps: [{ connection: 1, at: 0, kind: 'closed', code, reason }],
    } as const;
    const unreadable = { code: 'recording_unreadable', message: expect.stringMatching(message) };
    expect(() => readRecording(JSON.stringify(recording))).toThrow(expect.objectContaining(unreadable));
    const network = createFakeNetwork({ clock: createVirtualClock() });
    expect(() => replayToClient(recording, network, 'ws://replay.test')).toThrow(
      expect.objectContaining(unreadable),
    );
  });

  it.each([1005, 1006, 1015])('may end without a close frame, which is told as %s', (code) => {
    const steps = [{ connection: 1, at: 0, kind: 'closed', code, reason: '' }];
    expect(readRecording(JSON.stringify({ version: 1, steps })).steps).toEqual(steps);
  });

  it.each(['{', '{"version":2,"steps":[]}', '{"version":1,"steps":[{"kind":"sent"}]}'])(
    'is refused when it cannot be read: %s',
    (json) => {
      expect(() => readRecording(json)).toThrow(expect.objectContaining({ code: 'recording_unreadable' }));
    },
  );
});

describe('a replay', () => {
  const replaying = (recording: Recording) => {
    const clock = createVirtualClock();
    const network = createFakeNetwork({ clock });
    const replay = replayToClient(recording, network, 'ws://replay.test');
    const socket = new network.WebSocket('ws://replay.test/v1/ws', ['goconnect.v1']);
    const got: { type: string; op_id?: string }[] = [];
    const closes: number[] = [];
    socket.onmessage = ({ data }) => got.push(JSON.parse(data));
    socket.onclose = ({ code }) => closes.push(code);
    return { clock, socket, got, closes, replay };
  };

  it('gives a client what the server said, under the op_ids of the client', async () => {
    const { clock, socket, got, closes, replay } = replaying(await record());
    await clock.advance(0);
    for (const [type, opId] of [
      ['chat.send', 'mine-1'],
      ['chat.edit', 'mine-2'],
      ['auth.refresh', 'mine-3'],
    ] as const) {
      socket.send(JSON.stringify(makeRequest(type, {}, opId)));
      await clock.advance(0);
    }
    await replay.finished;
    expect(got.map(({ type, op_id }) => `${type} ${op_id ?? ''}`.trim())).toEqual([
      'session.welcome',
      'ack mine-1',
      'chat.message',
      'error mine-2',
      'ack mine-3',
    ]);
    expect(closes).toEqual([1001]);
  });

  it('finds the replies of a client also where the recorded server joined them in one frame', async () => {
    const steps: Recording['steps'] = [
      { connection: 1, at: 0, kind: 'open', protocol: 'goconnect.v1' },
      { connection: 1, at: 1, kind: 'sent', text: JSON.stringify(makeRequest('room.join', {}, 'a')) },
      {
        connection: 1,
        at: 2,
        kind: 'received',
        text: '{"type":"presence.update","data":{}}\n{"type":"ack","op_id":"a"}',
      },
    ];
    const { clock, socket, closes, replay } = replaying({ version: 1, steps });
    const frames: string[] = [];
    socket.onmessage = ({ data }) => frames.push(String(data));
    await clock.advance(0);
    socket.send(JSON.stringify(makeRequest('room.join', {}, 'mine')));
    await clock.advance(0);
    await replay.finished;
    expect(frames[0]?.split('\n')[1]).toBe('{"type":"ack","op_id":"mine"}');
    expect(closes).toEqual([]);
  });

  it('says where a client does otherwise', async () => {
    const { clock, socket, replay } = replaying(await record());
    await clock.advance(0);
    socket.send(JSON.stringify(makeRequest('room.join')));
    await clock.advance(0);
    await expect(replay.finished).rejects.toThrow(/the client sends room\.join, but chat\.send was recorded/);
  });

  it('finds no difference on the same kind of server, and names one on another', async () => {
    const recording = await record();
    const steps = recording.steps.filter((step) => !('text' in step && step.text.includes('"op_id":"c"')));
    await using server = createFakeServer();
    const options = {
      url: server.url,
      token: server.token('ada'),
      dial: memoryDial(server.WebSocket as FakeWebSocketConstructor),
    };
    expect(await replayToServer({ ...recording, steps }, options)).toEqual([]);
    server.when('chat.send').fail('ERR_FORBIDDEN');
    expect(await replayToServer({ ...recording, steps }, options)).toEqual([
      { opId: 'a', recorded: 'ack', got: 'ERR_FORBIDDEN' },
    ]);
  });

  it('acts anew also on the server of the recording: under op_ids of its own, on the messages that it makes', async () => {
    const clock = createVirtualClock();
    await using server = createFakeServer({ clock });
    const recorder = recordSession(server.WebSocket as FakeWebSocketConstructor, { bodies: true }, clock);
    const socket = new recorder.WebSocket(`${server.url}?token=${server.token('ada')}`, ['goconnect.v1']);
    await clock.advance(0);
    socket.send(JSON.stringify(makeRequest('chat.send', { body: 'first' }, 'a')));
    await clock.advance(0);
    const [made] = server.receivedOf('chat.send');
    const ack = recorder
      .recording()
      .steps.find((step) => 'text' in step && step.text.includes('"op_id":"a"'));
    expect([made?.op_id, ack]).toEqual(['a', expect.anything()]);
    const messageId = /"message_id":"([^"]+)"/.exec(
      JSON.stringify(recorder.recording()).replaceAll('\\', ''),
    )?.[1];
    socket.send(
      JSON.stringify(makeRequest('chat.edit', { message_id: messageId ?? '', new_body: 'x' }, 'b')),
    );
    await clock.advance(0);
    server.sendRaw('this is no JSON');
    server.sendTogether([
      { type: 'ack', op_id: 'a', data: {} },
      { type: 'presence.update', data: {} },
    ]);
    await clock.advance(0);
    server.forgetReceived();
    const dial = memoryDial(server.WebSocket as FakeWebSocketConstructor);
    const options = { url: server.url, token: server.token('ada'), dial };
    expect(await replayToServer(recorder.recording(), options)).toEqual([]);
    const sends = server.receivedOf('chat.send');
    expect(sends.map(({ op_id }) => op_id)).toEqual([expect.stringMatching(/^replay-/)]);
    expect(server.receivedOf('chat.edit')[0]?.data.message_id).not.toBe(messageId);
    clock.close();
  });
});
