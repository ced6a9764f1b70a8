import { expect, it } from 'vitest';
import { type RedisServer, redisOrSkip, startRedis } from './redis-server.js';

const binary = redisOrSkip();

it.skipIf(binary === undefined)('a Redis of the tests can be paused, killed and started again', async () => {
  await using server = await disposable();
  expect(await server.run('PING')).toBe('+PONG\r\n');
  server.pause();
  const answer = server.run('ECHO', 'late');
  server.resume();
  expect(await answer).toBe('$4\r\nlate\r\n');
  await server.run('SET', 'kept', 'no');
  await server.kill();
  await expect(server.run('PING')).rejects.toThrow('ECONNREFUSED');
  await server.restart();
  expect(await server.run('GET', 'kept')).toBe('$-1\r\n');
  server.pause();
});

async function disposable(): Promise<RedisServer & AsyncDisposable> {
  const server = await startRedis(binary ?? '', { password: 'p@ss word' });
  return { ...server, [Symbol.asyncDispose]: () => server.stop() };
}
