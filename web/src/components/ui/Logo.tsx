import styles from "./Logo.module.css";

/** The cell with three bars of a timeline in it. */
export function Logo({ size = 24 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path
        className={styles.cell}
        d="M17.2 2.2H6.8a1.6 1.6 0 0 0-1.4.8L.6 11.2a1.6 1.6 0 0 0 0 1.6l4.8 8.2a1.6 1.6 0 0 0 1.4.8h10.4a1.6 1.6 0 0 0 1.4-.8l4.8-8.2a1.6 1.6 0 0 0 0-1.6L18.6 3a1.6 1.6 0 0 0-1.4-.8z"
      />
      <path className={styles.bars} d="M7 8.2h5.4M9.4 12h7.2M13.2 15.8h2.4" />
    </svg>
  );
}
