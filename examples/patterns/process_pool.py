"""Work in child processes: each has its own queue and sends before it ends."""

import multiprocessing
import sys

import hiveloop


def work(number: int) -> int:
    # In a forked child this gives the connection made before the fork; a spawned one makes its own.
    agent = hiveloop.init().agent("pool-worker", heartbeat_interval=0)
    with agent.task(f"chunk-{number}", project="patterns", type="batch"):
        return number * number


if __name__ == "__main__":
    method = sys.argv[1] if len(sys.argv) > 1 else "spawn"
    with multiprocessing.get_context(method).Pool(2) as pool:
        print(sum(pool.map(work, range(10))))
        pool.close()
        pool.join()
