import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { Icon } from './icon.js';

export interface MenuItem {
  readonly label: string;
  readonly danger?: boolean;
  readonly onSelect: () => void;
}

/** A button with three dots and the menu it opens: arrow keys move, Escape closes and gives the focus back. */
export function Menu({ label, items }: { readonly label: string; readonly items: readonly MenuItem[] }) {
  const [placement, setPlacement] = useState<'closed' | 'below' | 'above'>('closed');
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const open = placement !== 'closed';

  useEffect(() => {
    if (open) root.current?.querySelector<HTMLElement>('[role=menuitem]')?.focus();
  }, [open]);

  const close = () => {
    setPlacement('closed');
    button.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (!open) return;
    const entries = [...(root.current?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])];
    const at = entries.findIndex((entry) => entry.matches(':focus'));
    const targets: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 };
    const target = targets[event.key];
    if (target !== undefined) entries.at(target % entries.length)?.focus();
    else if (event.key === 'Escape') close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const toggle = () => {
    const { bottom } = button.current?.getBoundingClientRect() ?? { bottom: 0 };
    setPlacement(open ? 'closed' : bottom > window.innerHeight / 2 ? 'above' : 'below');
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: listens for what its buttons do not handle
    <div
      ref={root}
      className="menu"
      onKeyDown={onKeyDown}
      onBlur={(event) => {
        if (open && !event.currentTarget.contains(event.relatedTarget)) setPlacement('closed');
      }}
    >
      <button
        ref={button}
        type="button"
        className="icon-button"
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={open}
        onClick={toggle}
      >
        <Icon name="more" />
      </button>
      {open && (
        <div className="menu-items" role="menu" aria-label={label} data-placement={placement}>
          {items.map((item) => (
            <button
              key={item.label}
              type="button"
              role="menuitem"
              tabIndex={-1}
              className={item.danger ? 'danger' : undefined}
              onClick={() => {
                close();
                item.onSelect();
              }}
            >
              {item.label}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
