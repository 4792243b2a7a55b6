import { Button } from "~/components/ui/Button";
import { Empty } from "~/components/ui/Empty";
import { SkeletonRows } from "~/components/ui/Skeleton";

/** In the place of a page whose code is not here yet. */
export function PageOnItsWay({ state }: { state: "loading" | "away" | "broken" }) {
  if (state === "loading") return <SkeletonRows count={12} height={34} />;
  if (state === "away")
    return (
      <Empty title="This page is not loaded yet">
        The server does not answer. The page opens by itself as soon as it does.
      </Empty>
    );
  return (
    <Empty
      title="A part of this page is missing"
      step={
        <Button small onClick={() => location.reload()}>
          Load it anew
        </Button>
      }
    >
      The server has other files than this page asks for; a proxy or the browser may hold an old copy.
    </Empty>
  );
}
