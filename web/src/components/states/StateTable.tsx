import { Link, useSearch } from "@tanstack/react-router";
import type { StateSpan } from "~/api/states";
import { stateLook } from "~/appearance/states";
import { Age } from "~/components/ui/Age";
import { Badge } from "~/components/ui/Badge";
import { figures, Table } from "~/components/ui/Table";
import { Time } from "~/components/ui/Time";
import { formatDuration } from "~/format/duration";
import { legible } from "~/format/legible";
import { sharedSearch, type ViewSearch } from "~/view/url";

/** Stretches of states in the order they are given, with whose they are where they may be of several agents. */
export function StateTable({ spans, withAgent = false }: { spans: readonly StateSpan[]; withAgent?: boolean }) {
  return (
    <Table columns={[...(withAgent ? ["Agent"] : []), "State", "From", "Until", figures("For")]} fits>
      {spans.map((span, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: when the order changes, rows say something else and none of them moves
        <Row key={place} span={span} withAgent={withAgent} />
      ))}
    </Table>
  );
}

function Row({ span, withAgent }: { span: StateSpan; withAgent: boolean }) {
  const here = sharedSearch(useSearch({ strict: false }) as ViewSearch);
  const look = stateLook(span.state);
  return (
    <tr>
      {withAgent && (
        <td title={legible(span.agent_id)}>
          <Link className="link" to="/agent" search={{ ...here, agent: span.agent_id, tab: "states" } as never}>
            {legible(span.agent_id)}
          </Link>
        </td>
      )}
      <td>
        <Badge tone={look.tone} solid={look.tone === "stuck" && span.ended_at === null}>
          {look.word}
        </Badge>
      </td>
      <td className="sub">
        <Time at={span.started_at} />
      </td>
      <td className="sub">
        {span.ended_at === null ? (
          <b className={look.tone === "stuck" ? "bad" : undefined}>lasts</b>
        ) : (
          <Time at={span.ended_at} />
        )}
      </td>
      <td className="num strong">
        {span.ended_at === null ? <Age since={span.started_at} /> : formatDuration(span.duration_seconds * 1_000)}
      </td>
    </tr>
  );
}
