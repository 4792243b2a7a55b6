import { useHeldOrder } from "~/components/ui/useHeldOrder";
import { scopeParameters, useView } from "~/view/url";

/**
 * Holds the order of one of the pipeline's lists while the pointer or the keyboard is on it.
 *
 * @param known all that is known, shown or not: what has left the list says from there what it is by now
 */
export function usePipelineOrder<T>(shown: readonly T[], keyOf: (item: T) => string, known: readonly T[], part = "") {
  const { view } = useView();
  return useHeldOrder(shown, keyOf, `${view.mode} ${view.agent} ${JSON.stringify(scopeParameters(view))} ${part}`, {
    byNow: (item) => known.find((each) => keyOf(each) === keyOf(item)) ?? item,
  });
}
