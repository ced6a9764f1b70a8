/** Drawn on a 20 x 20 grid, in the colour of the text around. Always decoration: a label says what it means. */
const PATHS = {
  back: 'M12.5 4.5 7 10l5.5 5.5',
  check: 'm4.5 10.5 3.5 3.500 7.500-8',
  clip: 'm14.500 9-5.200 5.200a3 3 0 0 1-4.300-4.200l6-6a2 2 0 0 1 2.900 2.800l-5.900 6a1 1 0 0 1-1.500-1.400l5-5.100',
  close: 'm5.5 5.5 9 9m0-9-9 9',
  down: 'M10 4v11m0 0 4.5-4.5M10 15l-4.5-4.5',
  globe:
    'M10 2.8a7.2 7.2 0 1 0 0 14.4 7.2 7.2 0 0 0 0-14.4Zm-7 7.2h14M10 2.8c2 2 3 4.4 3 7.2s-1 5.2-3 7.200c-2-2-3-4.4-3-7.200s1-5.2 3-7.200Z',
  hash: 'M7.8 3.5 6.2 16.500M13.8 3.500l-1.6 13M4 7.500h13M3 12.500h13',
  key: 'M12.500 4a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7Zm-2.600 6L4 16m2-2 1.800 1.800',
  lock: 'M5.5 9h9a1 1 0 0 1 1 1v5.500a1 1 0 0 1-1 1h-9a1 1 0 0 1-1-1V10a1 1 0 0 1 1-1Zm1.5 0V6.500a3 3 0 0 1 6 0V9',
  more: 'M4.5 10h.01M10 10h.01M15.5 10h.01',
  people:
    'M7.5 9.500a3 3 0 1 0 0-6 3 3 0 0 0 0 6Zm-5.5 7c0-3 2.5-5 5.5-5s5.5 2 5.5 5M13.5 9.200a2.6 2.6 0 1 0-1-5M15 11.800c1.9.6 3 2.3 3 4.7',
  plus: 'M10 4.500v11M4.5 10h11',
  send: 'M3.5 10 16.5 4l-4 13-3-5.500L3.5 10Zm6 1.5 3-3',
  warning: 'M10 3.2 18 16.500H2L10 3.200Zm0 4.800v4m0 2.300h.01',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg className="icon" data-icon={name} viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
