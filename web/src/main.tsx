import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ApiError } from "~/api/errors";
import { createBoardRouter } from "~/app/routes";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/other-media.css";
import { startTheme } from "~/appearance/theme";

startTheme();

const RETRY_LIMIT = 3;
const ERROR_REFETCH_MS = 15_000;

const client = new QueryClient({
  defaultOptions: {
    queries: {
      // What is on the screen is kept up by the live stream; what comes back to the screen is read anew.
      staleTime: 2_000,
      retry: (count, error) => {
        const worthIt =
          error instanceof ApiError && (error.status === 0 || error.status === 429 || error.status >= 500);
        return worthIt && count < RETRY_LIMIT;
      },
      // What failed for good is tried again by itself: a board on a wall has nobody to press the button.
      refetchInterval: (query) =>
        query.state.status === "error" && query.state.data === undefined ? ERROR_REFETCH_MS : false,
      retryDelay: (count, error) => {
        const asked = error instanceof ApiError ? error.retryAfterSeconds : null;
        return asked === null ? Math.min(8_000, 500 * 2 ** count) : asked * 1_000;
      },
    },
  },
});

const place = document.getElementById("root");
if (place === null) throw new Error("index.html has no #root");

createRoot(place).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <RouterProvider router={createBoardRouter()} />
    </QueryClientProvider>
  </StrictMode>,
);
