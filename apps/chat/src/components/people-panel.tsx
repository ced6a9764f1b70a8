import { useState } from 'react';
import { useSession, useWorkspace } from '../hooks/use-session.js';
import { type Member, networkOf, type Scope } from '../state/entities.js';
import { memberRights, networkRights } from '../state/rights.js';
import { viewerOf } from '../state/viewer.js';
import { peopleOf } from '../state/workspace.js';
import { Avatar } from './avatar.js';
import { Bans } from './bans.js';
import { Icon } from './icon.js';
import { JoinRequests } from './join-requests.js';
import { Menu } from './menu.js';
import { type Removal, RemoveMemberDialog } from './remove-member-dialog.js';
import { RoleDialog } from './role-dialog.js';

export interface PeoplePanelProps {
  readonly scope: Scope;
  readonly onClose: () => void;
}

export function PeoplePanel({ scope, onClose }: PeoplePanelProps) {
  const networkId = networkOf(scope);
  return (
    <aside className="people" aria-label="People" id="people" tabIndex={-1}>
      <div className="panel-head">
        <h2>People</h2>
        <button
          type="button"
          className="icon-button people-close"
          aria-label="Back to the conversation"
          onClick={onClose}
        >
          <Icon name="close" />
        </button>
      </div>
      {networkId === undefined ? (
        <p className="hint">Everyone who is signed in reads and writes here.</p>
      ) : (
        <NetworkPeople key={networkId} networkId={networkId} />
      )}
    </aside>
  );
}

function NetworkPeople({ networkId }: { readonly networkId: string }) {
  const { people: actions } = useSession();
  const { loading, members, requests, bans } = useWorkspace((state) => peopleOf(state, networkId));
  const presence = useWorkspace((state) => state.presence);
  const manages = useWorkspace((state) => networkRights(viewerOf(state, `network:${networkId}`)).manage);
  const [removal, setRemoval] = useState<Removal>();
  const [promotion, setPromotion] = useState<Member>();
  const here = (member: Member) => (presence[member.userId] ?? 'offline') !== 'offline';
  const groups = [
    { title: 'Online', people: members.filter(here) },
    { title: 'Offline', people: members.filter((member) => !here(member)) },
  ];
  return (
    <>
      {manages && requests.length > 0 && <JoinRequests networkId={networkId} requests={requests} />}
      {loading.status === 'failed' && (
        <div className="inline-problem" role="alert">
          <p>{loading.problem.text}</p>
          <button type="button" onClick={() => void actions.load(networkId)}>
            Try again
          </button>
        </div>
      )}
      {groups.map(
        ({ title, people }) =>
          people.length > 0 && (
            <section key={title} aria-label={`${title}: ${people.length}`}>
              <h3>
                {title} <span className="count">{people.length}</span>
              </h3>
              <ul className="rows">
                {people.map((member) => (
                  <MemberRow
                    key={member.userId}
                    networkId={networkId}
                    member={member}
                    onRemove={setRemoval}
                    onRole={setPromotion}
                  />
                ))}
              </ul>
            </section>
          ),
      )}
      {manages && bans.length > 0 && <Bans networkId={networkId} bans={bans} />}
      {promotion && (
        <RoleDialog networkId={networkId} member={promotion} onClose={() => setPromotion(undefined)} />
      )}
      {removal && (
        <RemoveMemberDialog networkId={networkId} removal={removal} onClose={() => setRemoval(undefined)} />
      )}
    </>
  );
}

interface MemberRowProps {
  readonly networkId: string;
  readonly member: Member;
  readonly onRemove: (removal: Removal) => void;
  readonly onRole: (member: Member) => void;
}

function MemberRow({ networkId, member, onRemove, onRole }: MemberRowProps) {
  const presence = useWorkspace((state) => state.presence[member.userId] ?? 'offline');
  const me = useWorkspace((state) => state.me.id);
  const kick = useWorkspace((state) => memberRights(viewerOf(state, `network:${networkId}`), member).kick);
  const ban = useWorkspace((state) => memberRights(viewerOf(state, `network:${networkId}`), member).ban);
  const roles = useWorkspace(
    (state) => memberRights(viewerOf(state, `network:${networkId}`), member).roles.length > 1,
  );
  const items = [
    ...(roles ? [{ label: 'Change role …', onSelect: () => onRole(member) }] : []),
    ...(kick ? [{ label: 'Remove …', onSelect: () => onRemove({ kind: 'kick', member }) }] : []),
    ...(ban ? [{ label: 'Ban …', danger: true, onSelect: () => onRemove({ kind: 'ban', member }) }] : []),
  ];
  return (
    <li className="row member" data-presence={presence}>
      <Avatar userId={member.userId} name={member.name} presence={presence} />
      <span className="row-name">
        {member.name}
        {member.userId === me && <span className="hint"> you</span>}
        <span className="hidden">, {presence}</span>
      </span>
      {member.role !== 'member' && <span className="role">{member.role}</span>}
      {items.length > 0 && <Menu label={`Actions for ${member.name}`} items={items} />}
    </li>
  );
}
