export function Brand() {
  return (
    <span className="brand">
      <svg className="brand-mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
        <rect className="brand-ground" width="32" height="32" rx="9" />
        <path
          className="brand-bubble"
          d="M9 12.500a5 5 0 0 1 5-5h4a5 5 0 0 1 5 5v3a5 5 0 0 1-5 5h-3.500L10 24v-4.400a5 5 0 0 1-1-3z"
        />
        <circle className="brand-ground" cx="13.2" cy="14" r="1.5" />
        <circle className="brand-ground" cx="18.8" cy="14" r="1.5" />
      </svg>
      GoConnect
    </span>
  );
}
