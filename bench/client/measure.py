"""Measures one figure of one client, in a fresh interpreter of that client's own environment. Prints JSON.

python measure.py <probe> <figure> <url> <count>
"""

from __future__ import annotations

import importlib
import json
import os
import pathlib
import resource
import statistics
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent / "probes"))

# What a program does between two calls: some arithmetic, about 200 microseconds of it.
WORK_SECONDS = 0.0002
CALLS_PER_BLOCK = 500


def cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def percentiles(function, count: int) -> dict[str, float]:
    """Microseconds a call takes on the caller's thread, in bursts with pauses, the client's own threads at work."""
    clock = time.perf_counter_ns
    for _ in range(500):
        function()
    times = []
    for _ in range(max(1, count // 500)):
        for _ in range(500):
            began = clock()
            function()
            times.append(clock() - began)
        time.sleep(0.02)
    empty = sorted(-(clock() - clock()) for _ in range(2000))[1000]
    times.sort()
    return {
        "p50_us": max(0, times[len(times) // 2] - empty) / 1000,
        "p99_us": max(0, times[len(times) * 99 // 100] - empty) / 1000,
    }


def work(rounds: int) -> int:
    total = 0
    for number in range(rounds):
        total += number * number % 7
    return total


def slow_down(call, count: int) -> float:
    """CPU time of the whole process for calls between pieces of work, over that of the work alone."""
    work(100_000)
    began = time.thread_time()
    work(2_000_000)
    rounds = max(1, int(2_000_000 * WORK_SECONDS / (time.thread_time() - began)))

    def run(between) -> float:
        began = time.process_time()
        for _ in range(CALLS_PER_BLOCK):
            work(rounds)
            between()
        time.sleep(0.03)  # what the client still has to send belongs to this block
        return time.process_time() - began

    # Blocks in turns, and the median of their ratios: a machine that gets slower meanwhile is not the client's doing.
    ratios = []
    before = run(lambda: None)
    for _ in range(max(3, count // CALLS_PER_BLOCK)):
        loaded, after = run(call), run(lambda: None)
        ratios.append(loaded / ((before + after) / 2))
        before = after
    return statistics.median(ratios) - 1


def resident_kib() -> int:
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise RuntimeError("no resident memory")


def own_dependencies(package: str) -> int:
    """How many distributions an installation of a package brings with it."""
    from importlib import metadata

    names = {distribution.metadata["Name"].lower().replace("_", "-") for distribution in metadata.distributions()}
    return len(names - {"pip", "setuptools", "wheel", package})


PACKAGES = {
    "ours": "hiveloop",
    "published": "hiveloop",
    "otel": "opentelemetry-sdk",
    "langfuse_sdk": "langfuse",
    "sentry": "sentry-sdk",
}


def main() -> dict[str, float]:
    name, figure, url, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
    if figure == "import":
        began = cpu_seconds()
        importlib.import_module(
            {
                "ours": "hiveloop",
                "published": "hiveloop",
                "otel": "otel",
                "langfuse_sdk": "langfuse",
                "sentry": "sentry_sdk",
            }[name]
        )
        return {"import_ms": (cpu_seconds() - began) * 1000}
    if figure == "dependencies":
        return {"dependencies": own_dependencies(PACKAGES[name])}
    probe = importlib.import_module(name)
    if figure == "agents":
        if not hasattr(probe, "many_agents"):
            return {}
        before = len(os.listdir("/proc/self/task"))
        agents = probe.many_agents(url, 1000)
        threads = len(os.listdir("/proc/self/task")) - before
        time.sleep(8)  # their first heartbeats have been sent; the window holds one round of thirty seconds
        began, wall = cpu_seconds(), time.monotonic()
        time.sleep(count)
        share = (cpu_seconds() - began) / (time.monotonic() - wall)
        assert len(agents) == 1000
        sys.stdout.write(json.dumps({"agent_threads": threads, "agent_cpu_percent": share * 100}) + "\n")
        sys.stdout.flush()
        os._exit(0)  # threads of a thousand agents would take long to end
    if figure == "memory" and not getattr(probe, "QUEUES", True):
        return {}
    call, track = probe.setup(url, holds=figure == "memory")
    if figure == "call":
        result = percentiles(call, count)
        result.update({f"track_{key}": value for key, value in percentiles(track, count).items()})
    elif figure == "cpu":
        began = cpu_seconds()
        for number in range(count):
            call()
            if number % 2000 == 1999:
                time.sleep(0.02)  # so that nobody's queue overflows
        probe.finish()
        return {"cpu_200k_s": (cpu_seconds() - began) * 200_000 / count}
    elif figure == "slowdown":
        result = {"slow_down_percent": slow_down(call, count) * 100}
    elif figure == "memory":
        for _ in range(100):
            call()
        before = resident_kib()
        for _ in range(10_000):
            call()
        result = {"memory_mb": (resident_kib() - before) / 1024}
        sys.stdout.write(json.dumps(result) + "\n")
        sys.stdout.flush()
        os._exit(0)
    else:
        raise SystemExit(f"no figure {figure!r}")
    probe.finish()
    return result


if __name__ == "__main__":
    assert threading.active_count() == 1
    print(json.dumps(main()))
