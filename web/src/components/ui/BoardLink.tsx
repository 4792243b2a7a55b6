import { useNavigate } from "@tanstack/react-router";
import type { MouseEvent, ReactNode } from "react";
import { BOARD_ROOT } from "~/api/root";

export interface BoardLinkProps {
  /** An address of the board as the server writes it: `/tasks?status=failed`, or the same with the board's public name before it. */
  to: string;
  className?: string;
  children: ReactNode;
}

/** The path of the board in an address that the server gave; null for what is none. */
export function boardPath(address: string, root = BOARD_ROOT): string | null {
  if (/^\/(?![/\\])/.test(address)) return address;
  if (!/^https?:\/\//.test(address) || !URL.canParse(address)) return null;
  const { pathname, search } = new URL(address);
  // A board below a path is known by it outside, and the router adds it again.
  const inside = pathname.startsWith(root) ? `/${pathname.slice(root.length)}` : pathname;
  return `${inside}${search}`;
}

/** A link that the server gave. It opens without a reload and stays on this board, whatever name it is known by. */
export function BoardLink({ to, className = "link", children }: BoardLinkProps) {
  const navigate = useNavigate();
  const target = boardPath(to);
  if (target === null) return <span>{children}</span>;
  const open = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0) return;
    event.preventDefault();
    const [path = "/", query = ""] = target.split("?");
    void navigate({ to: path, search: Object.fromEntries(new URLSearchParams(query)) } as never);
  };
  return (
    <a className={className} href={`${BOARD_ROOT}${target.slice(1)}`} onClick={open}>
      {children}
    </a>
  );
}
