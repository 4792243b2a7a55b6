import { type FormEvent, useState } from "react";
import { Button } from "~/components/ui/Button";
import styles from "./settings.module.css";
import { useSettingsChange } from "./useSettingsChange";

export interface NewByNameProps {
  /** What is made, as one says it: `project`. */
  what: string;
  path: string;
  /** Whose list is read anew. */
  list: string;
  /** Characters a name may have. */
  most: number;
}

/** Makes something that needs a name and nothing else. */
export function NewByName({ what, path, list, most }: NewByNameProps) {
  const [name, setName] = useState("");
  const create = useSettingsChange(list);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const body = { name: name.trim() };
    create.mutate({ method: "POST", path, body, done: `${body.name} is made` }, { onSuccess: () => setName("") });
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      <input
        aria-label={`Name of a new ${what}`}
        placeholder="Name of a new one"
        required
        pattern=".*\S.*"
        maxLength={most}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <Button type="submit" look="primary" small disabled={create.isPending}>
        Create {what}
      </Button>
    </form>
  );
}
