"""This project's client."""

import hiveloop
from fields import COST, DURATION_MS, MODEL, NAME, PROMPT, RESPONSE, TOKENS_IN, TOKENS_OUT

KEY = "hb_live_0123456789abcdef0123456789abcdef"


def setup(url, holds=False):
    # A full batch leaves at once; what is to be weighed has to stay, so nobody is there to take it.
    url = "http://127.0.0.1:9" if holds else url
    interval = 3600.0 if holds else 5.0
    hb = hiveloop.init(
        api_key=KEY, endpoint=url, max_queue_size=1_000_000, flush_interval=interval, batch_size=500 if holds else 100
    )
    agent = hb.agent("bench", heartbeat_interval=0)
    task = agent.start_task("task-1", project="bench", type="bench")

    def call(llm_call=task.llm_call):
        llm_call(
            NAME,
            MODEL,
            tokens_in=TOKENS_IN,
            tokens_out=TOKENS_OUT,
            cost=COST,
            duration_ms=DURATION_MS,
            prompt_preview=PROMPT,
            response_preview=RESPONSE,
        )

    @agent.track("step")
    def track():
        pass

    return call, track


def queued():
    return hiveloop.stats()["queued"]


def finish():
    hiveloop.flush(60)
    hiveloop.shutdown(10)


def many_agents(url, count):
    hb = hiveloop.init(api_key=KEY, endpoint=url)
    return [hb.agent(f"agent-{number}") for number in range(count)]
