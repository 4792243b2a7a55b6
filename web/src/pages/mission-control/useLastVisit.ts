import { useEffect, useState } from "react";
import { loadVisits, newsSince, saveVisits, visitAt } from "./last-visit";

const NOTE_MS = 60_000;

/** From when on things are news to this reader, epoch milliseconds of this visit. */
export function useLastVisit(): number {
  const [since_ms] = useState(() => {
    const now_ms = Date.now();
    const visits = visitAt(loadVisits(), now_ms);
    saveVisits(visits);
    // To the minute: the list that is asked for from here on is one list.
    return Math.floor(newsSince(visits, now_ms) / NOTE_MS) * NOTE_MS;
  });
  // The browser's storage: the board is open for as long as it is.
  useEffect(() => {
    const timer = setInterval(() => saveVisits(visitAt(loadVisits(), Date.now())), NOTE_MS);
    return () => clearInterval(timer);
  }, []);
  return since_ms;
}
