import { useView } from "~/view/url";

/** What to try where a shorter time holds nothing. */
export function LongestRange() {
  const { set } = useView();
  return (
    <button type="button" className="link" onClick={() => set({ range: "30d", since: undefined, until: undefined })}>
      Look at the last 30 days
    </button>
  );
}
