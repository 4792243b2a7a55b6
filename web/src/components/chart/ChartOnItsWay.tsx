import styles from "./chart.module.css";

/** The place of a chart while what draws it is loaded. */
export function ChartOnItsWay() {
  return (
    <figure className={styles.chart} aria-busy="true">
      <figcaption className={styles.head}>&nbsp;</figcaption>
      <span className={styles.scale} />
      <div className={styles.plot} />
      <div className={styles.axis} />
    </figure>
  );
}
