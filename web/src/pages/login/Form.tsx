import { useMutation } from "@tanstack/react-query";
import { type FormEvent, type HTMLInputTypeAttribute, useId, useState } from "react";
import { change } from "~/api/client";
import { ApiError } from "~/api/errors";
import { BOARD_ROOT } from "~/api/root";
import { Button } from "~/components/ui/Button";
import { errorSentence } from "~/components/ui/ErrorState";
import styles from "./login.module.css";

export interface Field {
  /** As the server calls it. */
  name: string;
  label: string;
  type: HTMLInputTypeAttribute;
  autoComplete: string;
  /** What is worth knowing before it is filled in. */
  hint?: string;
}

export interface FormProps {
  /** Where the answers go. */
  path: string;
  fields: readonly Field[];
  /** What goes along: a link's token. */
  along?: Readonly<Record<string, string>>;
  action: string;
  /** What comes then; into the board unless given. */
  onDone?: () => void;
}

/** What the server says of single fields. */
function objections(error: unknown): Readonly<Record<string, unknown>> {
  const fields = error instanceof ApiError ? error.details.fields : undefined;
  return typeof fields === "object" && fields !== null ? (fields as Record<string, unknown>) : {};
}

/** The refusal as one sentence, where it is about no single field. */
function refusal(error: unknown): string | null {
  if (error === null) return null;
  return error instanceof ApiError && error.status !== 0 ? error.message : errorSentence(error);
}

/** The link, if there was one, is used up: it leaves the history too. */
function intoTheBoard() {
  location.replace(BOARD_ROOT);
}

/** Asks, sends, and enters the board with the cookie of the answer. */
export function Form({ path, fields, along = {}, action, onDone = intoTheBoard }: FormProps) {
  const id = useId();
  // An empty answer is one too: the server says what it wants instead.
  const [values, setValues] = useState<Readonly<Record<string, string>>>(() =>
    Object.fromEntries(fields.map((field) => [field.name, ""])),
  );
  const enter = useMutation({
    mutationFn: () => change<unknown>("POST", path, { ...along, ...values }),
    onSuccess: onDone,
  });
  const wrong = objections(enter.error);
  const aboutFields = fields.some((field) => field.name in wrong);
  const said = aboutFields ? null : refusal(enter.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    enter.mutate();
  };
  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      {said !== null && (
        <p className={styles.refusal} role="alert">
          {said}
        </p>
      )}
      {fields.map((field, place) => {
        const objection = wrong[field.name];
        const note = typeof objection === "string" ? `This ${objection}.` : field.hint;
        return (
          <div key={field.name} className={styles.field}>
            <label htmlFor={`${id}-${field.name}`}>{field.label}</label>
            <input
              id={`${id}-${field.name}`}
              name={field.name}
              type={field.type}
              autoComplete={field.autoComplete}
              // biome-ignore lint/a11y/noAutofocus: the page asks for nothing else
              autoFocus={place === 0}
              required
              aria-invalid={objection !== undefined}
              aria-describedby={note === undefined ? undefined : `${id}-${field.name}-note`}
              value={values[field.name] ?? ""}
              onChange={(event) => setValues({ ...values, [field.name]: event.target.value })}
            />
            {note !== undefined && (
              <span
                id={`${id}-${field.name}-note`}
                className={objection === undefined ? styles.hint : styles.objection}
                role={objection === undefined ? undefined : "alert"}
              >
                {note}
              </span>
            )}
          </div>
        );
      })}
      <Button type="submit" look="primary" disabled={enter.isPending || enter.isSuccess} className={styles.enter}>
        {action}
      </Button>
    </form>
  );
}
