import { useEffect, useRef } from 'react';
import type { Departure } from '../state/workspace.js';
import { Icon } from './icon.js';

const WORDS: Readonly<
  Record<Departure['kind'], (name: string) => { readonly title: string; readonly text: string }>
> = {
  kicked: (name) => ({
    title: `You were removed from ${name}`,
    text: 'A moderator has closed this network for you. You no longer receive what is written there; you may ask to join again.',
  }),
  banned: (name) => ({
    title: `You were banned from ${name}`,
    text: 'An admin has closed this network for you. You no longer receive what is written there and cannot ask to join again.',
  }),
  ended: (name) => ({
    title: `You are no longer in ${name}`,
    text: 'You were removed, have left it elsewhere, or it was deleted. You no longer receive what is written there.',
  }),
  deleted: (name) => ({
    title: `${name} is gone`,
    text: 'This network was deleted, with everything that was written there.',
  }),
  left: (name) => ({ title: `You have left ${name}`, text: 'You no longer receive what is written there.' }),
};

export interface DepartureNoticeProps {
  readonly departure: Departure;
  readonly onBack: () => void;
}

/** Stands where the room was, so that nobody wonders where it went. */
export function DepartureNotice({ departure, onBack }: DepartureNoticeProps) {
  const { title, text } = WORDS[departure.kind](departure.networkName);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <div className="departure" role="alert">
      <Icon name={departure.kind === 'left' ? 'back' : 'warning'} />
      <h2 ref={heading} tabIndex={-1}>
        {title}
      </h2>
      <p>{text}</p>
      {departure.reason !== '' && (
        <p className="departure-reason">
          <strong>Reason:</strong> {departure.reason}
        </p>
      )}
      <button type="button" className="phone-only" onClick={onBack}>
        Back to the networks
      </button>
    </div>
  );
}
