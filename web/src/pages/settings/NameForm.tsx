import { useEffect, useRef, useState } from "react";
import { Button } from "~/components/ui/Button";
import styles from "./settings.module.css";

export interface NameFormProps {
  label: string;
  name: string;
  /** The longest it may be, in characters. */
  most: number;
  pending: boolean;
  onName: (name: string) => void;
  onLeave: () => void;
}

/** A name in its place in a table, to be written anew. */
export function NameForm({ label, name: before, most, pending, onName, onLeave }: NameFormProps) {
  const [name, setName] = useState(before);
  const field = useRef<HTMLInputElement>(null);
  // The browser's focus: whoever asked for the field wants to write.
  useEffect(() => field.current?.select(), []);
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        onName(name.trim());
      }}
    >
      <input
        ref={field}
        aria-label={label}
        required
        pattern=".*\S.*"
        maxLength={most}
        value={name}
        onChange={(event) => setName(event.target.value)}
        onKeyDown={(event) => event.key === "Escape" && onLeave()}
      />
      <Button type="submit" small disabled={pending}>
        Rename
      </Button>
    </form>
  );
}
