import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createOperations } from '../create-operations.js';
import { createWorld, type World } from '../testing/world.js';

describe('login after a moment with too many at once', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld('sqlite::memory:');
  });
  afterEach(() => world.close());

  it('works again, for what could not be made then is made now', async () => {
    let busy = false;
    const { passwords } = world.deps;
    const hash = (password: string) => (busy ? Promise.reject(new Error('busy')) : passwords.hash(password));
    const { sessions } = createOperations({ ...world.deps, passwords: { ...passwords, hash } });
    await sessions.register({ email: 'ada@x.example', password: 'correct horse' });
    busy = true;
    await expect(sessions.login('ada@x.example', 'correct horse')).rejects.toThrow('busy');
    busy = false;
    await expect(sessions.login('ada@x.example', 'correct horse')).resolves.toMatchObject({ expiresIn: 900 });
  });
});
