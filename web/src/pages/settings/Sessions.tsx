import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { type BoardSession, sessionsQuery } from "~/api/people";
import { useSession } from "~/api/session";
import { Answer } from "~/components/ui/Answer";
import { LineBadge } from "~/components/ui/Badge";
import { Button } from "~/components/ui/Button";
import { Empty } from "~/components/ui/Empty";
import { Table, unseen } from "~/components/ui/Table";
import { Time } from "~/components/ui/Time";
import styles from "./settings.module.css";
import { useSettingsChange } from "./useSettingsChange";

/** `Firefox on Linux` of what a browser says of itself; its own words where they say neither. */
export function browserWords(userAgent: string | null): string {
  if (userAgent === null || userAgent === "") return "unknown browser";
  const browser = /(Edg|OPR|Firefox|Chrome|Safari)\//.exec(userAgent)?.[1];
  const system = /(Windows|Mac OS X|Android|iPhone|iPad|Linux)/.exec(userAgent)?.[1];
  if (browser === undefined) return userAgent.slice(0, 60);
  const name = { Edg: "Edge", OPR: "Opera" }[browser] ?? browser;
  return system === undefined ? name : `${name} on ${system.replace("Mac OS X", "macOS")}`;
}

/** The browsers that are in, and the way to put one out. */
export function Sessions() {
  const sessions = useQuery(sessionsQuery());
  const session = useSession() as { person?: unknown } | undefined;
  return (
    <>
      <section aria-label="Sessions" className={styles.section}>
        <div className={styles.head}>
          <h2>Sessions</h2>
          <span className="dim">{sessions.data?.length}</span>
        </div>
        <Answer query={sessions} what="The sessions" rows={3}>
          {(data) =>
            data.length === 0 ? (
              <Empty title="No session" />
            ) : (
              <Table columns={["Browser", "Whose", "From", "Since", "Last seen", unseen("End")]}>
                {data.map((each) => (
                  <SessionRow key={each.session_id} session={each} />
                ))}
              </Table>
            )
          }
        </Answer>
      </section>
      {session?.person !== null && session?.person !== undefined && <PasswordForm />}
    </>
  );
}

function SessionRow({ session }: { session: BoardSession }) {
  const change = useSettingsChange("sessions");
  return (
    <tr>
      <td className="strong" title={session.user_agent ?? undefined}>
        {browserWords(session.user_agent)} {session.is_current && <LineBadge>this one</LineBadge>}
      </td>
      <td>{session.email ?? <span className="dim">a login link</span>}</td>
      <td className="mono sub">{session.address ?? "–"}</td>
      <td className="sub">
        <Time at={session.created_at} />
      </td>
      <td className="sub">
        <Time at={session.last_seen_at} />
      </td>
      <td className="num">
        {!session.is_current && (
          <Button
            small
            look="ghost"
            disabled={change.isPending}
            onClick={() =>
              change.mutate({
                method: "DELETE",
                path: `/v1/sessions/${encodeURIComponent(session.session_id)}`,
                done: "The session is over",
              })
            }
          >
            End it<span className="sr-only">: {browserWords(session.user_agent)}</span>
          </Button>
        )}
      </td>
    </tr>
  );
}

function PasswordForm() {
  const change = useSettingsChange("sessions");
  const [current_password, setCurrent] = useState("");
  const [new_password, setNew] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate(
      {
        method: "PUT",
        path: "/v1/account/password",
        body: { current_password, new_password },
        done: "Your password is changed",
      },
      {
        onSuccess: () => {
          setCurrent("");
          setNew("");
        },
      },
    );
  };
  return (
    <section aria-label="Password" className={styles.section}>
      <div className={styles.head}>
        <h2>Your password</h2>
        <span className="grow" />
        <form className={styles.form} onSubmit={submit}>
          <input
            type="password"
            required
            autoComplete="current-password"
            aria-label="Password until now"
            placeholder="until now"
            value={current_password}
            onChange={(event) => setCurrent(event.target.value)}
          />
          <input
            type="password"
            required
            autoComplete="new-password"
            aria-label="New password"
            placeholder="from now on"
            value={new_password}
            onChange={(event) => setNew(event.target.value)}
          />
          <Button type="submit" small disabled={change.isPending}>
            Change it
          </Button>
        </form>
      </div>
    </section>
  );
}
