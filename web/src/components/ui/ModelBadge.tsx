import { legible } from "~/format/legible";
import styles from "./ModelBadge.module.css";

/** Removes the maker and the date, which a narrow place has no room for: `claude-sonnet-4-20250514` → `sonnet-4`. */
export function shortModel(model: string): string {
  return model
    .replace(/^.*\//, "")
    .replace(/^(claude|gpt|gemini|mistral|llama)-(?=.*[a-z])/i, "")
    .replace(/-(\d{8}|\d{4}-\d{2}-\d{2}|latest)$/, "");
}

export interface ModelBadgeProps {
  model: string;
  short?: boolean;
}

/** The name of a language model: purple, and the only pill with an outline. */
export function ModelBadge({ model, short = false }: ModelBadgeProps) {
  return (
    <span className={styles.model} title={short ? legible(model) : undefined}>
      <span className="ell">{legible(short ? shortModel(model) : model)}</span>
    </span>
  );
}
