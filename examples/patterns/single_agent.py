"""One long-running agent, one task after the other (manual §7.1)."""

import queue
from typing import NamedTuple

import hiveloop


class Item(NamedTuple):
    id: str
    text: str


inbox: "queue.Queue[Item]" = queue.Queue()
hb = hiveloop.init()  # HIVELOOP_API_KEY and HIVELOOP_ENDPOINT
agent = hb.agent("single-agent", type="processor")


@agent.track("classify")
def classify(text: str) -> str:
    """Stands for the agent's own work, a model call included."""
    task = hiveloop.current_task()
    if task:
        task.llm_call("classify", model="gpt-4o-mini", tokens_in=120, tokens_out=3, cost=0.00002)
    return "question" if text.endswith("?") else "statement"


def main() -> None:
    for number, text in enumerate(["What is this?", "It works.", "Why?"]):
        inbox.put(Item(f"item-{number}", text))
    while not inbox.empty():
        item = inbox.get()
        with agent.task(item.id, project="patterns", type="processing") as task:
            task.set_payload({"kind_of_text": classify(item.text)})
    hiveloop.shutdown(timeout=10)


if __name__ == "__main__":
    main()
