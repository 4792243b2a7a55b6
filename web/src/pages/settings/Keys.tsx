import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { change } from "~/api/client";
import { keysQuery } from "~/api/queries";
import type { Key, NewKey } from "~/api/types";
import { Answer } from "~/components/ui/Answer";
import { LineBadge } from "~/components/ui/Badge";
import { Button } from "~/components/ui/Button";
import { CopyButton } from "~/components/ui/CopyButton";
import { Empty } from "~/components/ui/Empty";
import { errorSentence } from "~/components/ui/ErrorState";
import { Table, unseen } from "~/components/ui/Table";
import { Time } from "~/components/ui/Time";
import { KeyForm } from "./KeyForm";
import styles from "./settings.module.css";

function KeyRow({ item }: { item: Key }) {
  const client = useQueryClient();
  const [asked, setAsked] = useState(false);
  const revoke = useMutation({
    mutationFn: () => change<Key>("DELETE", `/v1/api-keys/${encodeURIComponent(item.key_id)}`),
    onSuccess: () => client.invalidateQueries(keysQuery()),
  });
  return (
    <tr>
      <td className="strong">{item.name === "" ? <span className="dim">no name</span> : item.name}</td>
      <td>
        <LineBadge>{item.kind === "read" ? `read ${item.mode}` : item.kind}</LineBadge>
      </td>
      <td className="mono sub">{item.prefix}…</td>
      <td className="sub">
        <Time at={item.created_at} />
      </td>
      <td className="sub">{item.last_used_at === null ? "never" : <Time at={item.last_used_at} />}</td>
      <td className="num">
        {item.revoked_at !== null ? (
          <span className="dim">
            revoked <Time at={item.revoked_at} />
          </span>
        ) : asked ? (
          <span className={styles.confirm}>
            {revoke.error === null ? "Agents with it stop reporting." : errorSentence(revoke.error)}
            <Button small disabled={revoke.isPending} onClick={() => revoke.mutate()}>
              Revoke it
            </Button>
            <Button small look="ghost" onClick={() => setAsked(false)}>
              Keep
            </Button>
          </span>
        ) : (
          <Button small look="ghost" onClick={() => setAsked(true)}>
            Revoke<span className="sr-only"> {item.name || item.prefix}</span>
          </Button>
        )}
      </td>
    </tr>
  );
}

/** The keys that agents and readers use; a new one is shown once. */
export function Keys() {
  const keys = useQuery(keysQuery());
  const [made, setMade] = useState<NewKey | null>(null);
  return (
    <section aria-label="Keys" className={styles.section}>
      <div className={styles.head}>
        <h2>Keys</h2>
        <span className="dim">{keys.data?.filter((key) => key.revoked_at === null).length}</span>
        <span className="grow" />
        <KeyForm onMade={setMade} />
      </div>
      {made !== null && (
        <div className={styles.made} role="status">
          <span>
            <b className="strong">{made.name || "Your new key"}</b>, shown only now:
          </span>
          <code>{made.key}</code>
          <CopyButton text={made.key} what="key" word="Copy" />
          <Button small look="ghost" onClick={() => setMade(null)}>
            Done
          </Button>
        </div>
      )}
      <Answer query={keys} what="The keys" rows={3}>
        {(data) =>
          data.length === 0 ? (
            <Empty title="No key yet">Agents need one to report.</Empty>
          ) : (
            <Table columns={["Name", "Kind", "Begins with", "Made", "Last used", unseen("Revoke")]}>
              {data.map((key) => (
                <KeyRow key={key.key_id} item={key} />
              ))}
            </Table>
          )
        }
      </Answer>
    </section>
  );
}
