"""Tokens of a model's call, read from what each provider says about them.

Ours count all that was read, cached or not, in `tokens_in`. Anthropic leaves what came from the cache out of its
count of input; OpenAI, Gemini and LangChain count it in. Gemini leaves reasoning out of its count of output.
"""

from __future__ import annotations

from hiveloop.integrations._names import field, fields_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Usage:
    """Tokens by kind; None where nobody has told."""

    __slots__ = ("cache_read", "cache_write", "reasoning", "tokens_in", "tokens_out")

    def __init__(
        self,
        tokens_in: Any = None,
        tokens_out: Any = None,
        cache_read: Any = None,
        cache_write: Any = None,
        reasoning: Any = None,
    ) -> None:
        self.tokens_in = _count(tokens_in)
        self.tokens_out = _count(tokens_out)
        self.cache_read = _count(cache_read)
        self.cache_write = _count(cache_write)
        self.reasoning = _count(reasoning)

    def known_of_stream(self) -> Usage | None:
        """Give the usage of a streamed call: nothing read and nothing written there means that nobody has counted."""
        return self if self.tokens_in or self.tokens_out else None


def _count(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0 or value != value:
        return None
    return int(value)


def _sum(*parts: Any) -> int | None:
    known = [part for part in map(_count, parts) if part is not None]
    return sum(known) if known else None


def of_openai(usage: Any) -> Usage | None:
    """Read the usage of OpenAI's chat completions, responses and embeddings, and of those who answer as they do."""
    if usage is None:
        return None
    counts = fields_of(usage)
    words = ("input", "output") if counts.get("input_tokens") is not None else ("prompt", "completion")
    read = fields_of(counts.get(f"{words[0]}_tokens_details"))
    written = fields_of(counts.get(f"{words[1]}_tokens_details"))
    return Usage(
        counts.get(f"{words[0]}_tokens"),
        counts.get(f"{words[1]}_tokens"),
        read.get("cached_tokens", counts.get("cached_prompt_tokens")),
        read.get("cache_write_tokens", counts.get("cache_creation_tokens")),
        written.get("reasoning_tokens", counts.get("reasoning_tokens")),
    )


def of_anthropic(usage: Any) -> Usage | None:
    """Read the usage of Anthropic's messages."""
    if usage is None:
        return None
    cache_read, cache_write = field(usage, "cache_read_input_tokens"), field(usage, "cache_creation_input_tokens")
    fresh = field(usage, "input_tokens")
    tokens_in = None if fresh is None else _sum(fresh, cache_read, cache_write)
    reasoning = field(field(usage, "output_tokens_details"), "thinking_tokens")
    return Usage(tokens_in, field(usage, "output_tokens"), cache_read, cache_write, reasoning)


def of_langchain(usage: Any) -> Usage | None:
    """Read the `usage_metadata` of LangChain's messages."""
    if usage is None:
        return None
    read, written = field(usage, "input_token_details"), field(usage, "output_token_details")
    # Of Anthropic's, the general count is 0 unless streamed; the counts by lifetime are right.
    by_lifetime = _sum(field(read, "ephemeral_5m_input_tokens"), field(read, "ephemeral_1h_input_tokens"))
    cache_write = field(read, "cache_creation") or by_lifetime
    return Usage(
        field(usage, "input_tokens"),
        field(usage, "output_tokens"),
        field(read, "cache_read"),
        cache_write,
        field(written, "reasoning"),
    )


def of_gemini(usage: Any) -> Usage | None:
    """Read the `usage_metadata` of Gemini's answers."""
    if usage is None:
        return None
    reasoning = field(usage, "thoughts_token_count")
    return Usage(
        _sum(field(usage, "prompt_token_count"), field(usage, "tool_use_prompt_token_count")),
        _sum(field(usage, "candidates_token_count", field(usage, "response_token_count")), reasoning),
        field(usage, "cached_content_token_count"),
        None,
        reasoning,
    )


def of_pydantic_ai(usage: Any) -> Usage | None:
    """Read the usage of one of Pydantic AI's responses, which counts the cache in, whatever the provider does."""
    if usage is None:
        return None
    details = field(usage, "details", {})
    return Usage(
        field(usage, "input_tokens"),
        field(usage, "output_tokens"),
        field(usage, "cache_read_tokens"),
        field(usage, "cache_write_tokens"),
        field(details, "reasoning_tokens", field(details, "thoughts_tokens")),
    )
