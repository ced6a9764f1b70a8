import { check, oneOf } from '../support/rules.js';
import type { Engine } from './engine.js';
import type { FakeServer } from './fake-server.js';
import { addMember, askToJoin, removeMember, setRole, updateNetwork } from './membership.js';

type People = Pick<
  FakeServer,
  'addUser' | 'addNetwork' | 'addMember' | 'removeMember' | 'setRole' | 'updateNetwork' | 'askToJoin'
>;

/** Who there is, and who is where. */
export function people(engine: Engine): People {
  return {
    addUser: (user) => engine.world.addUser(user),
    addNetwork: (network) => engine.world.addNetwork(network),
    addMember: (networkId, userId, role) => addMember(engine, networkId, userId, role),
    removeMember(networkId, userId, how = 'left', reason) {
      check(how, oneOf('left', 'kick', 'ban'), 'how');
      removeMember(
        engine,
        networkId,
        userId,
        how === 'left' ? { kind: how } : { kind: how, ...(reason !== undefined && { reason }) },
      );
    },
    setRole: (networkId, userId, role) => setRole(engine, networkId, userId, role),
    updateNetwork: (networkId, userId, properties) => updateNetwork(engine, networkId, userId, properties),
    askToJoin: (networkId, userId) => askToJoin(engine, networkId, userId),
  };
}
