"""An agent that works off a queue, and ends well on SIGTERM.

    HIVELOOP_API_KEY=hb_live_… HIVELOOP_ENDPOINT=http://localhost:8000 python queue_worker.py 100

The client installs no signal handlers: signals are the program's. By default SIGTERM ends Python at once, and what was
queued is lost. This turns it into an exception, so that everything ends in order and the exit sends what is queued.
"""

import queue
import signal
import sys
import time

import hiveloop


class Terminated(SystemExit):
    """Somebody asked for the end. A `SystemExit`, so that nothing which catches `Exception` keeps the program alive."""


def terminate(*_: object) -> None:
    """The signal handler."""
    raise Terminated(0)


signal.signal(signal.SIGTERM, terminate)

messages: queue.Queue[str] = queue.Queue()
for number in range(int(sys.argv[1])):
    messages.put(f"message-{number}")

hb = hiveloop.init()
agent = hb.agent(
    "queue-worker",
    type="worker",
    heartbeat_interval=0.5,
    # Asked at every heartbeat, on a thread of the client's; the board shows the depth on the agent's card.
    queue_provider=lambda: {"depth": messages.qsize()},
)

while True:
    message = messages.get()
    with agent.task(message, project="queue-service", type="message"):
        time.sleep(0.05)
    messages.task_done()
    print(message, flush=True)
