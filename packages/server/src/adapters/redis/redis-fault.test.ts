import { expect, it } from 'vitest';
import { RedisGone, RedisSilent, redisFault } from './redis-fault.js';

const withCode = (code: string) => Object.assign(new Error('hunter2'), { code });
/** As the driver makes it: what was sent hangs on it. */
const said = (text: string) =>
  Object.assign(new Error(text), { command: { name: 'auth', args: ['hunter2'] } });

it.each([
  [withCode('ECONNREFUSED'), 'start Redis'],
  [withCode('ENOTFOUND'), 'the host is unknown'],
  [withCode('EAI_AGAIN'), 'cannot be looked up'],
  [withCode('ETIMEDOUT'), 'does not answer'],
  [withCode('EHOSTUNREACH'), 'cannot be reached'],
  [withCode('ECONNRESET'), 'was cut'],
  [withCode('EPIPE'), 'was cut'],
  [new RedisGone('gone'), 'was cut'],
  [new RedisSilent(false), 'does not answer'],
  [new RedisSilent(true), 'say redis:// if it speaks no TLS'],
  [said('ERR max number of clients reached'), 'raise maxclients'],
  [said('LOADING Redis is loading the dataset in memory'), '(LOADING)'],
  [withCode('EODD'), '(EODD)'],
  [new Error(''), '(no reason given)'],
  ['nothing', '(no reason given)'],
])('takes %s for a Redis that is away: %s', (error, why) => {
  const fault = redisFault(error);
  expect(fault).toEqual({ wrong: false, why: expect.stringContaining(why) });
  expect(fault.why).not.toContain('hunter2');
});

it.each([withCode('ECONNRESET'), withCode('EPIPE'), new RedisGone('gone'), new RedisSilent(true)])(
  'does not doubt the URL where a line was up before: %s',
  (error) => {
    expect(redisFault(error).why).toContain('redis');
    expect(redisFault(error, true)).toEqual({ wrong: false, why: expect.not.stringMatching(/rediss?:|TLS/) });
  },
);

it.each([
  [withCode('ERR_SSL_WRONG_VERSION_NUMBER'), 'speaks no TLS'],
  [withCode('DEPTH_ZERO_SELF_SIGNED_CERT'), 'NODE_EXTRA_CA_CERTS'],
  [withCode('ERR_TLS_CERT_ALTNAME_INVALID'), 'for another host'],
  [withCode('CERT_HAS_EXPIRED'), 'renew it'],
  [said('WRONGPASS invalid username-password pair or user is disabled.'), 'password are wrong'],
  [said('ERR invalid password'), 'password are wrong'],
  [said('NOAUTH Authentication required.'), 'wants a password'],
  [said('NOPERM this user has no permissions to access one of the channels'), 'may not use the channel'],
  [said('ERR AUTH <password> called without any password configured for the default user.'), 'leave it out'],
  [said('ERR Client sent AUTH, but no password is set'), 'leave it out'],
  [said("ERR wrong number of arguments for 'auth' command"), 'leave the name out'],
  [said('DENIED Redis is running in protected mode'), 'protected-mode'],
  [said("ERR unknown command 'AUTH'"), 'is no Redis'],
  [new Error('Unknown RESP type 72 "H". Please report this.'), 'is no Redis'],
])('takes %s for a wrong setting: %s', (error, why) => {
  const fault = redisFault(error);
  expect(fault).toEqual({ wrong: true, why: expect.stringContaining(why) });
  expect(fault.why).not.toContain('hunter2');
});
