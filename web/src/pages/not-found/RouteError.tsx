import type { ErrorComponentProps } from "@tanstack/react-router";
import { Button } from "~/components/ui/Button";
import { Empty } from "~/components/ui/Empty";

/** A view that broke while it was drawn: the frame around it stays, and the fault is named for the one who reports it. */
export function RouteError({ error, reset }: ErrorComponentProps) {
  return (
    <Empty
      title="This view could not be drawn"
      step={
        <Button small onClick={reset}>
          Draw it again
        </Button>
      }
    >
      The fault is the board’s, not your agents’: {error instanceof Error ? error.message : String(error)}
    </Empty>
  );
}
