import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useLocation } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { change } from "~/api/client";
import { useMay } from "~/api/permissions";
import { type SavedView, savedAddress, savedViewsQuery } from "~/api/views";
import { BoardLink } from "~/components/ui/BoardLink";
import { Button } from "~/components/ui/Button";
import { errorSentence } from "~/components/ui/ErrorState";
import { Icon } from "~/components/ui/Icon";
import { SkeletonRows } from "~/components/ui/Skeleton";
import { toast } from "~/components/ui/toast";
import styles from "./SavedViews.module.css";

function useViewChange() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ method, path, body }: { method: "PUT" | "DELETE"; path: string; body?: unknown; done: string }) =>
      change<unknown>(method, path, body),
    onSuccess: (_, { done }) => {
      toast({ tone: "success", title: done });
      void client.invalidateQueries(savedViewsQuery());
    },
    onError: (error) => toast({ tone: "error", title: "Not done", text: errorSentence(error) }),
  });
}

/** What is kept, each a link; a field to keep what is looked at now. */
export function SavedViewsPanel() {
  const views = useQuery(savedViewsQuery());
  const may = useMay("saveViews");
  return (
    <div className={styles.panel}>
      {views.data === undefined ? (
        views.error === null ? (
          <SkeletonRows count={3} height={24} />
        ) : (
          <p className="bad" role="alert">
            {errorSentence(views.error)}
          </p>
        )
      ) : views.data.length === 0 ? (
        <p className="sub">
          No saved view yet. {may && "Narrow the page to what you look at often, and give it a name."}
        </p>
      ) : (
        <ul className={styles.list} aria-label="Saved views">
          {views.data.map((saved) => (
            <Saved key={saved.view_id} saved={saved} may={may} />
          ))}
        </ul>
      )}
      {may && <Save known={views.data ?? []} />}
    </div>
  );
}

function Saved({ saved, may }: { saved: SavedView; may: boolean }) {
  const viewChange = useViewChange();
  return (
    <li>
      <BoardLink to={savedAddress(saved)} className={styles.link ?? ""}>
        <span className="ell" dir="auto" title={`${saved.name}, kept by ${saved.changed_by}`}>
          {saved.name}
        </span>
        <span className="dim">{saved.page === "/" ? "Mission Control" : saved.page.slice(1)}</span>
      </BoardLink>
      {may && (
        <Button
          small
          icon
          look="ghost"
          aria-label={`Forget ${saved.name}`}
          disabled={viewChange.isPending}
          onClick={() =>
            viewChange.mutate({
              method: "DELETE",
              path: `/v1/views/${encodeURIComponent(saved.view_id)}`,
              done: `${saved.name} is forgotten`,
            })
          }
        >
          <Icon name="x" size={14} />
        </Button>
      )}
    </li>
  );
}

function Save({ known }: { known: readonly SavedView[] }) {
  const { pathname, searchStr } = useLocation();
  const [name, setName] = useState("");
  const viewChange = useViewChange();
  const replaces = known.some((saved) => saved.name === name.trim());
  const save = (event: FormEvent) => {
    event.preventDefault();
    viewChange.mutate(
      {
        method: "PUT",
        path: "/v1/views",
        body: { name: name.trim(), page: pathname, query: searchStr.replace(/^\?/, "") },
        done: `${name.trim()} is kept`,
      },
      { onSuccess: () => setName("") },
    );
  };
  return (
    <form className={styles.form} onSubmit={save}>
      <input
        aria-label="Name of this view"
        placeholder="Name of this view"
        required
        maxLength={100}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <Button type="submit" small look="primary" disabled={viewChange.isPending || name.trim() === ""}>
        {replaces ? "Replace view" : "Save view"}
      </Button>
    </form>
  );
}
