"""sentry-sdk: spans of a transaction, a new transaction every hundred."""

import sentry_sdk
from fields import COST, DURATION_MS, MODEL, NAME, PROMPT, RESPONSE, TOKENS_IN, TOKENS_OUT

# It sends as it goes: there is no queue to weigh.
QUEUES = False


def setup(url, holds=False):
    host = url.removeprefix("http://")
    sentry_sdk.init(dsn=f"http://key@{host}/1", traces_sample_rate=1.0)
    state = {"count": 0, "transaction": None}

    def renew():
        if state["transaction"] is not None:
            state["transaction"].__exit__(None, None, None)
        state["transaction"] = sentry_sdk.start_transaction(op="task", name="task-1")
        state["transaction"].__enter__()

    def call():
        if state["count"] % 100 == 0:
            renew()
        state["count"] += 1
        with sentry_sdk.start_span(op="gen_ai.chat", name=NAME) as span:
            span.set_data("gen_ai.request.model", MODEL)
            span.set_data("gen_ai.usage.input_tokens", TOKENS_IN)
            span.set_data("gen_ai.usage.output_tokens", TOKENS_OUT)
            span.set_data("cost", COST)
            span.set_data("duration_ms", DURATION_MS)
            span.set_data("prompt", PROMPT)
            span.set_data("response", RESPONSE)

    def track():
        if state["count"] % 100 == 0:
            renew()
        state["count"] += 1
        with sentry_sdk.start_span(op="step", name="step"):
            pass

    return call, track


def finish():
    sentry_sdk.flush(timeout=60)
