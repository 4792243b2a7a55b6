import { lazily } from "~/components/ui/lazily";
import { useTourState } from "./tour-state";
import { useDemo } from "./useDemo";

const Tour = lazily(
  () => import("./Tour").then((module) => module.Tour),
  () => null,
);

/** The tour, while the demo fleet is at work and the reader has not said goodbye to it. */
export function TourOffer() {
  const { closed } = useTourState();
  const demo = useDemo();
  return closed || demo.length === 0 ? null : <Tour />;
}
