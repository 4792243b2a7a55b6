import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { change } from "~/api/client";
import { keysQuery } from "~/api/queries";
import type { NewKey } from "~/api/types";
import { Button } from "~/components/ui/Button";
import { errorSentence } from "~/components/ui/ErrorState";
import { Select } from "~/components/ui/Select";
import styles from "./settings.module.css";

const KINDS = [
  { value: "live", label: "live key", note: "reports, reads" },
  { value: "test", label: "test key", note: "its own data" },
  { value: "read", label: "read key", note: "only reads" },
] as const;
type Kind = (typeof KINDS)[number]["value"];

/** Name, kind, make. */
export function KeyForm({ onMade }: { onMade: (key: NewKey) => void }) {
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [kind, setKind] = useState<Kind>("live");
  const create = useMutation({
    mutationFn: () => change<NewKey>("POST", "/v1/api-keys", { kind, name: name.trim() }),
    onSuccess: (key) => {
      onMade(key);
      setName("");
      void client.invalidateQueries(keysQuery());
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      {create.error !== null && (
        <span className="bad" role="alert">
          {errorSentence(create.error)}
        </span>
      )}
      <input
        aria-label="What the key is for"
        placeholder="What it is for"
        maxLength={200}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <Select label="Kind of key" value={kind} options={KINDS} strong onChange={setKind} />
      <Button type="submit" look="primary" small disabled={create.isPending}>
        Create key
      </Button>
    </form>
  );
}
