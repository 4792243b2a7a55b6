"""Langfuse's SDK: a generation with model, usage, cost, input and output."""

import os

from fields import COST, DURATION_MS, MODEL, NAME, PROMPT, RESPONSE, TOKENS_IN, TOKENS_OUT
from langfuse import Langfuse, observe

client = None


def setup(url, holds=False):
    global client
    # The queue is OpenTelemetry's, whose bound only the environment sets; otherwise it would overflow.
    os.environ["OTEL_BSP_MAX_QUEUE_SIZE"] = "1000000"
    client = Langfuse(
        public_key="pk-lf-bench",
        secret_key="sk-lf-bench",
        base_url=url,
        flush_at=1_000_000 if holds else 100,
        flush_interval=3600 if holds else 5,
    )

    def call():
        with client.start_as_current_observation(
            as_type="generation",
            name=NAME,
            model=MODEL,
            input=PROMPT,
            output=RESPONSE,
            usage_details={"input": TOKENS_IN, "output": TOKENS_OUT},
            cost_details={"total": COST},
            metadata={"duration_ms": DURATION_MS},
        ):
            pass

    @observe(name="step")
    def track():
        pass

    return call, track


def finish():
    client.flush()
    client.shutdown()
