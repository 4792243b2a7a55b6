"""Work from a queue (manual §7.5), until SIGTERM ends the process in an orderly way."""

import os
import queue
import signal
import sys
import time

import hiveloop

messages: "queue.Queue[int]" = queue.Queue()
hb = hiveloop.init()
agent = hb.agent(
    "queue-worker",
    type="worker",
    heartbeat_interval=float(os.environ.get("HEARTBEAT_SECONDS", "30")),
    queue_provider=lambda: {"depth": messages.qsize()},
)
# Signals are the program's own: turned into a normal exit, what is queued is sent.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))


def main() -> None:
    for number in range(20):
        messages.put(number)
    while True:
        message = messages.get()
        with agent.task(f"message-{message}", project="patterns", type="message") as task:
            if message == 7:
                task.retry("Timed out once", attempt=1, backoff_seconds=0.1)
            time.sleep(0.01)
        if messages.empty():
            print("idle", flush=True)


if __name__ == "__main__":
    main()
