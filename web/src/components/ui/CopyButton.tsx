import { type ReactNode, useState } from "react";
import { Button, type ButtonLook } from "./Button";
import { Icon, type IconName } from "./Icon";
import { toast } from "./toast";

export interface CopyButtonProps extends ButtonLook {
  /** What goes to the clipboard; a function is asked when the button is pressed. */
  text: string | (() => string);
  /** What is copied, for the label: `prompt`. */
  what: string;
  /** The word beside the icon. */
  word?: ReactNode;
  symbol?: IconName;
}

const SHOWN_MS = 1_600;

/** Copies text, and says so in its place. */
export function CopyButton({ text, what, word, symbol = "copy", ...look }: CopyButtonProps) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(typeof text === "string" ? text : text());
      setCopied(true);
      setTimeout(() => setCopied(false), SHOWN_MS);
    } catch {
      // Browsers give no clipboard to pages without TLS on other hosts than loopback.
      toast({
        tone: "waiting",
        title: "Not copied",
        text: "The browser gives this page no clipboard. Select the text instead.",
      });
    }
  };
  return (
    <Button
      small
      icon={word === undefined}
      aria-label={copied ? `Copied ${what}` : `Copy ${what}`}
      onClick={copy}
      {...look}
    >
      <Icon name={copied ? "check" : symbol} size={14} />
      {word !== undefined && (copied ? "Copied" : word)}
    </Button>
  );
}
