import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { priceOfQuery, type Rates } from "~/api/prices";
import { Button } from "~/components/ui/Button";
import { useView } from "~/view/url";
import styles from "./settings.module.css";
import { useSettingsChange } from "./useSettingsChange";

const FIELDS = [
  { name: "input_per_million", label: "Input", needed: true, part: "" },
  { name: "output_per_million", label: "Output", needed: true, part: "" },
  { name: "cached_input_per_million", label: "Cached input", needed: false, part: "input" },
  { name: "cache_write_5m_per_million", label: "Cache write, 5 min", needed: false, part: "input" },
  { name: "cache_write_1h_per_million", label: "Cache write, 1 h", needed: false, part: "input" },
  { name: "reasoning_per_million", label: "Reasoning", needed: false, part: "output" },
  { name: "audio_input_per_million", label: "Audio in", needed: false, part: "input" },
  { name: "audio_output_per_million", label: "Audio out", needed: false, part: "output" },
] as const satisfies readonly { name: keyof Rates; label: string; needed: boolean; part: string }[];
type Field = (typeof FIELDS)[number]["name"];

/** What was typed; a field that is empty is left to the row, or to what it is part of. */
export function ratesOf(typed: Partial<Record<Field, string>>): Rates {
  const rates: Rates = { input_per_million: 0, output_per_million: 0 };
  for (const { name } of FIELDS) {
    const text = typed[name]?.trim() ?? "";
    if (text !== "") rates[name] = Number(text);
  }
  return rates;
}

export interface PriceFormProps {
  /** What it is for, as far as known; the form starts from the price that holds now. */
  pattern: string;
  onClose: () => void;
}

/** A price of the workspace's own. */
export function PriceForm({ pattern, onClose }: PriceFormProps) {
  const { view } = useView();
  const known = useQuery({ ...priceOfQuery(view.mode, pattern), enabled: pattern !== "" });
  const [name, setName] = useState(pattern);
  const [typed, setTyped] = useState<Partial<Record<Field, string>>>({});
  const change = useSettingsChange("prices", "explain");
  const shown = (field: Field) => typed[field] ?? known.data?.[field]?.toString() ?? "";
  const save = (event: FormEvent) => {
    event.preventDefault();
    const texts = Object.fromEntries(FIELDS.map((field) => [field.name, shown(field.name)]));
    const long = known.data?.long_context;
    change.mutate(
      {
        method: "PUT",
        path: `/v1/prices/${encodeURIComponent(name.trim())}`,
        body: { ...ratesOf(texts), ...(long == null ? {} : { long_context: long }) },
        done: `${name.trim()} has a price of its own`,
      },
      { onSuccess: onClose },
    );
  };
  return (
    <form className={styles.price} onSubmit={save} aria-label="Own price of a model">
      <label className={styles.field}>
        <span>
          Model, <code>*</code> for any text
        </span>
        <input
          required
          maxLength={200}
          className="mono"
          placeholder="ollama/*"
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      </label>
      {FIELDS.map((field) => (
        <label key={field.name} className={styles.field}>
          {field.label}
          <input
            type="number"
            inputMode="decimal"
            min={0}
            max={1_000_000}
            step="any"
            required={field.needed}
            placeholder={field.needed ? "$ per million" : `as ${field.part}`}
            value={shown(field.name)}
            onChange={(event) => setTyped({ ...typed, [field.name]: event.target.value })}
          />
        </label>
      ))}
      <div className={styles.confirm}>
        <Button type="submit" look="primary" small disabled={change.isPending}>
          Set the price
        </Button>
        <Button small look="ghost" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
