/**
 * Every icon of the board, once in the document; `<Icon>` and `<StatusCell>` refer to them. Drawn on a 16 px grid with a
 * 1.5 px line. A hexagon is a worker, and nothing else is a hexagon.
 */
export function IconSprite() {
  return (
    <svg className="sprite" aria-hidden="true" focusable="false">
      <symbol id="s-idle" viewBox="0 0 16 16">
        <path d="M14.4 8 11.2 13.54H4.8L1.6 8l3.2-5.54h6.4z" fill="none" stroke="currentColor" strokeWidth="1.3" />
      </symbol>
      <symbol id="s-processing" viewBox="0 0 16 16">
        <path d="M14.4 8 11.2 13.54H4.8L1.6 8l3.2-5.54h6.4z" fill="none" stroke="currentColor" strokeWidth="1.3" />
        <path d="M11.6 8 9.8 11.12H6.2L4.4 8l1.8-3.12h3.6z" fill="currentColor" />
      </symbol>
      <symbol id="s-success" viewBox="0 0 16 16">
        <path d="M15 8 11.5 14.06h-7L1 8l3.5-6.06h7z" fill="currentColor" />
        <path
          d="m5.2 8.2 2 2 3.7-4.1"
          fill="none"
          stroke="var(--surface)"
          strokeWidth="1.9"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      </symbol>
      <symbol id="s-waiting" viewBox="0 0 16 16">
        <path d="M15 8 11.5 14.06h-7L1 8l3.5-6.06h7z" fill="currentColor" />
        <path
          d="M6.3 5.6v4.8M9.7 5.6v4.8"
          fill="none"
          stroke="var(--surface)"
          strokeWidth="1.9"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      </symbol>
      <symbol id="s-error" viewBox="0 0 16 16">
        <path d="M15 8 11.5 14.06h-7L1 8l3.5-6.06h7z" fill="currentColor" />
        <path
          d="m5.7 5.7 4.6 4.6m0-4.6-4.6 4.6"
          fill="none"
          stroke="var(--surface)"
          strokeWidth="1.9"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      </symbol>
      <symbol id="s-stuck" viewBox="0 0 16 16">
        <path d="M15 8 11.5 14.06h-7L1 8l3.5-6.06h7z" fill="currentColor" />
        <path d="M8 4.6v4M8 11.3v.1" fill="none" stroke="#fff" strokeWidth="2" strokeLinecap="round" />
      </symbol>
      <symbol id="i-search" viewBox="0 0 16 16">
        <circle cx="7" cy="7" r="4.5" />
        <path d="m10.5 10.5 3 3" />
      </symbol>
      <symbol id="i-down" viewBox="0 0 16 16">
        <path d="m4.5 6.5 3.5 3.5 3.5-3.5" />
      </symbol>
      <symbol id="i-x" viewBox="0 0 16 16">
        <path d="m4.5 4.5 7 7m0-7-7 7" />
      </symbol>
      <symbol id="i-sun" viewBox="0 0 16 16">
        <circle cx="8" cy="8" r="2.8" />
        <path d="M8 1.6v1.2M8 13.2v1.2M1.6 8h1.2M13.2 8h1.2M3.5 3.5l.8.8M11.7 11.7l.8.8M12.5 3.5l-.8.8M4.3 11.7l-.8.8" />
      </symbol>
      <symbol id="i-link" viewBox="0 0 16 16">
        <path d="M6.8 9.2a2.6 2.6 0 0 0 3.7 0l2-2a2.6 2.6 0 0 0-3.7-3.7l-.8.8M9.2 6.8a2.6 2.6 0 0 0-3.7 0l-2 2a2.6 2.6 0 0 0 3.7 3.7l.8-.8" />
      </symbol>
      <symbol id="i-clock" viewBox="0 0 16 16">
        <circle cx="8" cy="8" r="5.5" />
        <path d="M8 5v3.2l2 1.3" />
      </symbol>
      <symbol id="i-flag" viewBox="0 0 16 16">
        <path d="M4 14V2.8M4 3h7.5L10 5.8l1.5 2.8H4" />
      </symbol>
      <symbol id="i-queue" viewBox="0 0 16 16">
        <path d="m8 2.5 5.5 2.8L8 8 2.5 5.3zM2.5 8 8 10.8 13.5 8M2.5 10.7 8 13.5l5.5-2.8" />
      </symbol>
      <symbol id="i-todo" viewBox="0 0 16 16">
        <rect x="2.8" y="2.8" width="10.4" height="10.4" rx="2" />
        <path d="m5.6 8.2 1.7 1.7 3.1-3.5" />
      </symbol>
      <symbol id="i-box" viewBox="0 0 16 16">
        <rect x="2.8" y="2.8" width="10.4" height="10.4" rx="2" />
      </symbol>
      <symbol id="i-bell" viewBox="0 0 16 16">
        <path d="M4 11.5h8c-1-1-1-2-1-4a3 3 0 0 0-6 0c0 2 0 3-1 4zM7 13.5h2" />
      </symbol>
      <symbol id="i-filter" viewBox="0 0 16 16">
        <path d="M2.5 4h11M4.5 8h7M6.5 12h3" />
      </symbol>
      <symbol id="i-side" viewBox="0 0 16 16">
        <rect x="2.5" y="3" width="11" height="10" rx="1.5" />
        <path d="M6 3v10" />
      </symbol>
      <symbol id="i-sider" viewBox="0 0 16 16">
        <rect x="2.5" y="3" width="11" height="10" rx="1.5" />
        <path d="M10 3v10" />
      </symbol>
      <symbol id="i-check" viewBox="0 0 16 16">
        <path d="m3.5 8.5 3 3 6-7" />
      </symbol>
      <symbol id="i-dash" viewBox="0 0 16 16">
        <path d="M4 8h8" />
      </symbol>
      <symbol id="i-copy" viewBox="0 0 16 16">
        <rect x="5.5" y="5.5" width="8" height="8" rx="1.5" />
        <path d="M10.5 5.5V4A1.5 1.5 0 0 0 9 2.5H4A1.5 1.5 0 0 0 2.5 4v5A1.5 1.5 0 0 0 4 10.5h1.5" />
      </symbol>
      <symbol id="i-pause" viewBox="0 0 16 16">
        <path d="M5.5 4v8M10.5 4v8" />
      </symbol>
      <symbol id="i-spark" viewBox="0 0 16 16">
        <path d="M8 2c.6 3.6 2.4 5.4 6 6-3.6.6-5.4 2.4-6 6-.6-3.6-2.4-5.4-6-6 3.6-.6 5.4-2.4 6-6z" />
      </symbol>
      <symbol id="i-cell" viewBox="0 0 16 16">
        <path d="M13.5 8 10.8 12.7H5.2L2.5 8l2.7-4.7h5.6z" />
      </symbol>
      <symbol id="i-done" viewBox="0 0 16 16">
        <circle cx="8" cy="8" r="5.5" />
        <path d="m5.6 8.2 1.7 1.7 3.1-3.5" />
      </symbol>
      <symbol id="i-fail" viewBox="0 0 16 16">
        <path d="M5.6 2.5h4.8l3.1 3.1v4.8l-3.1 3.1H5.6l-3.1-3.1V5.6z" />
        <path d="m6.2 6.2 3.6 3.6m0-3.6L6.2 9.8" />
      </symbol>
      <symbol id="i-okd" viewBox="0 0 16 16">
        <path d="m8 2 6 6-6 6-6-6z" />
        <path d="m6 8.1 1.4 1.4L10 6.7" />
      </symbol>
      <symbol id="i-retry" viewBox="0 0 16 16">
        <path d="M12.8 8a4.8 4.8 0 1 1-1.5-3.5M13 2.5v3h-3" />
      </symbol>
      <symbol id="i-plan" viewBox="0 0 16 16">
        <path d="M6.5 4.5H13M6.5 8H13M6.5 11.5H13M3 4.5h.1M3 8h.1M3 11.5h.1" />
      </symbol>
      <symbol id="i-coin" viewBox="0 0 16 16">
        <circle cx="8" cy="8" r="5.5" />
        <path d="M9.8 6.2C9.4 5.6 8.8 5.4 8 5.4c-1 0-1.8.5-1.8 1.3 0 1.8 3.7.8 3.7 2.6 0 .9-.9 1.4-1.9 1.4-.8 0-1.5-.3-1.9-.9M8 4.3v1M8 10.7v1" />
      </symbol>
      <symbol id="i-cols" viewBox="0 0 16 16">
        <rect x="2.5" y="3" width="11" height="10" rx="1.5" />
        <path d="M6.2 3v10M9.8 3v10" />
      </symbol>
      <symbol id="i-pin" viewBox="0 0 16 16">
        <path d="M6 2.5h4M6.8 2.5v4L4.5 9h7L9.2 6.5v-4M8 9v4.5" />
      </symbol>
      <symbol id="i-pulse" viewBox="0 0 16 16">
        <path d="M1.8 8h3L6.5 4l3 8 1.7-4h3" />
      </symbol>
      <symbol id="i-full" viewBox="0 0 16 16">
        <path d="M9.5 2.5h4v4M13.5 2.5 9 7M6.5 13.5h-4v-4M2.5 13.5 7 9" />
      </symbol>
      <symbol id="i-story" viewBox="0 0 16 16">
        <path d="M1.5 8H4M7 8h2.5M12.5 8h2" />
        <circle cx="5.5" cy="8" r="1.5" />
        <circle cx="11" cy="8" r="1.5" />
      </symbol>
      <symbol id="i-fall" viewBox="0 0 16 16">
        <path d="M2.5 4h6M5 8h6M8.5 12h5" />
      </symbol>
      <symbol id="i-script" viewBox="0 0 16 16">
        <path d="M3 4h10M3 7h7M3 10h10M3 13h5" />
      </symbol>
      <symbol id="i-dl" viewBox="0 0 16 16">
        <path d="M8 2.5v7.5M5 7.2 8 10.2l3-3M3 13h10" />
      </symbol>
      <symbol id="i-swap" viewBox="0 0 16 16">
        <path d="M3 5.5h9.5M10 3l2.5 2.5L10 8M13 10.5H3.5M6 8l-2.5 2.5L6 13" />
      </symbol>
      <symbol id="i-key" viewBox="0 0 16 16">
        <circle cx="5.3" cy="10.7" r="2.8" />
        <path d="m7.4 8.6 5.6-5.6M11 5l1.8 1.8M9.3 6.7l1.4 1.4" />
      </symbol>
      <symbol id="i-eye" viewBox="0 0 16 16">
        <path d="M1.8 8S4 3.8 8 3.8 14.2 8 14.2 8 12 12.2 8 12.2 1.8 8 1.8 8z" />
        <circle cx="8" cy="8" r="1.8" />
      </symbol>
      <symbol id="i-ask" viewBox="0 0 16 16">
        <path d="m8 2 6 6-6 6-6-6z" />
        <path d="M8 5.4v3.2M8 10.6v.1" />
      </symbol>
      <symbol id="i-dots" viewBox="0 0 16 16">
        <path d="M3.5 8h.1M8 8h.1M12.5 8h.1" strokeWidth="2" />
      </symbol>
      <symbol id="i-esc" viewBox="0 0 16 16">
        <path d="M8 12.5v-9M4.5 7 8 3.5 11.5 7" />
      </symbol>
      <symbol id="i-play" viewBox="0 0 16 16">
        <path d="M5.5 3.8v8.4l6.5-4.2z" />
      </symbol>
      <symbol id="i-right" viewBox="0 0 16 16">
        <path d="m6.5 4.5 3.5 3.5-3.5 3.5" />
      </symbol>
      <symbol id="i-left" viewBox="0 0 16 16">
        <path d="M9.5 4.5 6 8l3.5 3.5" />
      </symbol>
      <symbol id="i-plus" viewBox="0 0 16 16">
        <path d="M8 3.5v9M3.5 8h9" />
      </symbol>
    </svg>
  );
}
