import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { costQuery, eventsQuery, tasksQuery } from "~/api/queries";
import { BOARD_ROOT } from "~/api/root";
import { NARROW, useMedia } from "~/appearance/media";
import { Button, buttonClass } from "~/components/ui/Button";
import { Icon } from "~/components/ui/Icon";
import { patchSearch, sharedSearch, useView, type ViewSearch } from "~/view/url";
import { ASKED, DEAR, FAILED, type Seen, STOPS } from "./stops";
import styles from "./tour.module.css";
import { setTour, useTourState } from "./tour-state";
import { useDemo } from "./useDemo";

/** Failures and costs are not pushed; how often they are read while their stop is shown. */
const AGAIN_MS = 4_000;
/** Among how many failures the one that is told is chosen. */
const FAILURES = 20;

/** What of the story has happened, each part read only where it is told. */
function useSeen(step: number): Seen {
  const { view } = useView();
  const agents = useDemo();
  const failures = useQuery({
    ...eventsQuery(view.mode, { event_type: "task_failed", limit: FAILURES }),
    enabled: step === FAILED,
    // What is told stays what is shown.
    refetchInterval: (query) => ((query.state.data?.data.length ?? 0) === 0 ? AGAIN_MS : false),
  });
  const atCost = { enabled: step === DEAR, refetchInterval: AGAIN_MS };
  const cost = useQuery({ ...costQuery(view.mode, { range: "1h", group_by: "agent", limit: 1 }), ...atCost });
  const dearest = useQuery({ ...tasksQuery(view.mode, { range: "1h", sort: "cost", limit: 1 }), ...atCost });
  const waiting = useQuery({ ...tasksQuery(view.mode, { status: "waiting", limit: 1 }), enabled: step === ASKED });
  return {
    agents,
    failures: failures.data?.data ?? [],
    dearest: dearest.data?.data[0],
    total_usd: cost.data?.totals.cost,
    waiting: waiting.data?.data[0],
  };
}

/** The tour through the demo fleet: a card that stays while the board behind it shows what it tells. */
export function Tour() {
  const { step: stored } = useTourState();
  const step = Math.min(Math.max(stored, 0), STOPS.length - 1);
  const seen = useSeen(step);
  const stop = STOPS[step]?.(seen);
  const navigate = useNavigate();
  const search = useSearch({ strict: false }) as ViewSearch;
  const narrow = useMedia(NARROW);
  const shown = useRef<number | null>(step);

  const show = () => {
    if (stop?.place === undefined) return;
    shown.current = step;
    // Under the ribbon and the charts of a narrow screen the card would hide the story.
    const alone = narrow && stop.place.search.task !== undefined ? { tab: "task" } : {};
    const patch = { ...stop.place.search, ...alone };
    void navigate({ to: stop.place.to, search: patchSearch(sharedSearch(search), patch) } as never);
  };
  // The address: a stop is opened once, as soon as there is something to see; after that the reader goes where they like.
  useEffect(() => {
    if (shown.current !== step) show();
  });

  const last = step === STOPS.length - 1;
  if (stop === undefined) return null;
  return (
    <aside className={styles.tour} data-tour aria-label="Guided tour">
      <div className={styles.head}>
        <h2>{stop.title}</h2>
        <Button look="ghost" small icon aria-label="Close the tour" onClick={() => setTour({ closed: true, step: 0 })}>
          <Icon name="x" />
        </Button>
      </div>
      <p className={styles.text}>{stop.text}</p>
      {stop.now !== undefined && (
        <p className={styles.now} data-status={stop.now.tone} aria-live="polite">
          <Icon name={stop.now.icon} />
          <span>{stop.now.words}</span>
        </p>
      )}
      <div className={styles.foot}>
        <span className={styles.place}>
          {step + 1} of {STOPS.length}
        </span>
        {step > 0 && (
          <Button look="ghost" small onClick={() => setTour({ step: step - 1 })}>
            Back
          </Button>
        )}
        {last ? (
          <>
            <a className={buttonClass({ small: true })} href={`${BOARD_ROOT}docs/start.html`}>
              Documentation
            </a>
            <Button look="primary" small onClick={() => setTour({ closed: true, step: 0 })}>
              Done
            </Button>
          </>
        ) : (
          <>
            {stop.place !== undefined && (
              <Button small onClick={show}>
                Show again
              </Button>
            )}
            <Button look="primary" small onClick={() => setTour({ step: step + 1 })}>
              {step === 0 ? "Show me" : "Next"}
            </Button>
          </>
        )}
      </div>
    </aside>
  );
}
