import { Link } from "@tanstack/react-router";
import { Empty } from "~/components/ui/Empty";

/** An address that no view of this board has. */
export function NotFound() {
  return (
    <Empty
      title="No such view"
      step={
        <Link className="link" to="/">
          Open Mission Control
        </Link>
      }
    >
      The address may come from a newer board.
    </Empty>
  );
}
