"""Writes crates/prices/table.csv: what model calls cost, as figures from packages that keep such lists.

    pip install genai-prices pydantic
    pip install --no-deps litellm
    python scripts/prices.py --date 2026-11-26

Takes names and figures alone. A name stands once: makers' own lists (genai-prices) come before litellm's. Rows of which only a part can be
told by a figure a token (prices by time of day, more than one step of long context) are left out, so that such a model is unknown
rather than wrong.
"""

from __future__ import annotations

import argparse
import csv
import importlib.metadata
import importlib.util
import io
import json
import sys
from pathlib import Path
from typing import Any

COLUMNS = (
    "name",
    "source",
    "input",
    "output",
    "cached_input",
    "cache_write_5m",
    "cache_write_1h",
    "reasoning",
    "audio_input",
    "audio_output",
    "above_tokens",
    "input_above",
    "output_above",
    "cached_input_above",
    "cache_write_5m_above",
)
# Makers whose models are called by their bare names, and routers whose names stand behind their own.
MAKERS = (
    "anthropic",
    "openai",
    "google",
    "deepseek",
    "mistral",
    "x-ai",
    "cohere",
    "moonshotai",
    "perplexity",
    "voyageai",
    "zai",
    "minimax",
)
ROUTERS = ("openrouter",)
MODES = {"chat", "responses", "completion", "embedding", "realtime"}
Row = dict[str, float | int | None]


def written(value: float | int | None) -> str:
    return "" if value is None else f"{round(float(value), 8):.10g}"


def names_of(clause: Any) -> list[str]:
    """The names that a rule spells out; of beginnings the beginning itself."""
    if hasattr(clause, "or_"):
        return [name for one in clause.or_ for name in names_of(one)]
    return [text for text in (getattr(clause, "equals", None), getattr(clause, "starts_with", None)) if text]


def genai_rows() -> dict[str, Row]:
    from genai_prices.data import providers
    from genai_prices.types import StartDateConstraint

    rows: dict[str, Row] = {}
    by_id = {provider.id: provider for provider in providers}
    for provider_id in (*MAKERS, *ROUTERS):
        for model in by_id[provider_id].models:
            prices = model.prices
            if isinstance(prices, list):
                plain = [
                    one for one in prices if one.constraint is None or isinstance(one.constraint, StartDateConstraint)
                ]
                if len(plain) != len(prices) or not plain:
                    continue
                prices = max(
                    plain, key=lambda one: str(getattr(one.constraint, "start_date", "")) if one.constraint else ""
                ).prices
            row = genai_row(prices)
            if row is None:
                continue
            for name in (model.id, *names_of(model.match)):
                prefix = f"{provider_id}/" if provider_id in ROUTERS else ""
                rows.setdefault(prefix + name.lower(), row)
    return rows


def genai_row(prices: Any) -> Row | None:
    def figures(key: str) -> tuple[float | None, int | None, float | None] | None:
        price = getattr(prices, key, None)
        if price is None:
            return (None, None, None)
        if not hasattr(price, "tiers"):
            return (float(price), None, None)
        if len(price.tiers) != 1:
            return None
        return (float(price.base), price.tiers[0].start, float(price.tiers[0].price))

    keys = {
        "input": "input_mtok",
        "output": "output_mtok",
        "cached_input": "cache_read_mtok",
        "cache_write_5m": "cache_write_mtok",
        "cache_write_1h": "cache_write_1h_mtok",
        "audio_input": "input_audio_mtok",
        "audio_output": "output_audio_mtok",
    }
    row: Row = {}
    for ours, theirs in keys.items():
        found = figures(theirs)
        if found is None:
            return None
        row[ours] = found[0]
        if found[1] is not None:
            if row.setdefault("above_tokens", found[1]) != found[1]:
                return None
            if f"{ours}_above" in COLUMNS:
                row[f"{ours}_above"] = found[2]
    if row["input"] is None:
        return None
    row["output"] = row["output"] or 0.0
    return row


def litellm_rows() -> dict[str, Row]:
    spec = importlib.util.find_spec("litellm")
    if spec is None or spec.origin is None:
        return {}
    listed = json.loads((Path(spec.origin).parent / "model_prices_and_context_window_backup.json").read_text())
    rows: dict[str, Row] = {}
    for name, model in listed.items():
        if model.get("mode") not in MODES or model.get("input_cost_per_token") is None:
            continue
        steps = {
            key.rsplit("_above_", 1)[1]
            for key in model
            if key.startswith("input_cost_per_token_above_") and key.endswith("k_tokens")
        }
        if len(steps) > 1:
            continue

        def figure(key: str, model: dict[str, Any] = model) -> float | None:
            value = model.get(key)
            return None if value is None else float(value) * 1e6

        row: Row = {
            "input": figure("input_cost_per_token"),
            "output": figure("output_cost_per_token") or 0.0,
            "cached_input": figure("cache_read_input_token_cost"),
            "cache_write_5m": figure("cache_creation_input_token_cost"),
            "cache_write_1h": figure("cache_creation_input_token_cost_above_1hr"),
            "reasoning": figure("output_cost_per_reasoning_token"),
            "audio_input": figure("input_cost_per_audio_token"),
            "audio_output": figure("output_cost_per_audio_token"),
        }
        if row["input"]:
            # Nobody writes into a cache for nothing: a zero stands for "not told apart from input".
            row["cache_write_5m"] = row["cache_write_5m"] or None
        for step in steps:
            row["above_tokens"] = int(step.removesuffix("k_tokens")) * 1000
            row["input_above"] = figure(f"input_cost_per_token_above_{step}")
            row["output_above"] = figure(f"output_cost_per_token_above_{step}")
            row["cached_input_above"] = figure(f"cache_read_input_token_cost_above_{step}")
            row["cache_write_5m_above"] = figure(f"cache_creation_input_token_cost_above_{step}")
        rows.setdefault(name.lower(), row)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--date", required=True, help="the day on which the packages were fetched")
    parser.add_argument("--stdout", action="store_true", help="print the table instead of writing it")
    arguments = parser.parse_args()
    date = arguments.date
    rows: dict[str, tuple[str, Row]] = {}
    out = io.StringIO()
    for source, found in (("genai-prices", genai_rows()), ("litellm", litellm_rows())):
        if not found:
            continue
        out.write(f"# {source},{importlib.metadata.version(source)},{date}\n")
        for name, row in found.items():
            if name.isascii() and "," not in name and " " not in name:
                rows.setdefault(name, (source, row))
    table = csv.writer(out, lineterminator="\n")
    table.writerow(COLUMNS)
    for name, (source, row) in sorted(rows.items()):
        table.writerow([name, source[0], *(written(row.get(column)) for column in COLUMNS[2:])])
    if arguments.stdout:
        sys.stdout.write(out.getvalue())
        return
    (Path(__file__).resolve().parent.parent / "crates" / "prices" / "table.csv").write_text(out.getvalue())
    print(f"{len(rows)} rows")


if __name__ == "__main__":
    main()
