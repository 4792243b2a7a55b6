"""Crawler: works in a process of its own, which is killed now and then in the middle of a page."""

from __future__ import annotations

from typing import Any

from ..inbox import Job
from ..models import GPT_4O_MINI
from ..worker import Worker, tracked

SITES = ("shop.example", "news.example", "forum.example", "docs.example")


class WebCrawler(Worker):
    agent_id = "web-crawler"
    agent_type = "crawler"
    project = "market-research"
    task_type = "crawl"
    heartbeat_seconds = 3
    stuck_threshold_seconds = 15
    arrival_gap_seconds = 5.0
    rest_seconds = (0.3, 1.0)
    moods = {"smooth": 6, "blocked": 1}

    def invent(self, number: int, mood: str, dice: Any) -> Job:
        site = dice.choice(SITES)
        return Job(
            task_id=f"crawl-{site}-{number}",
            summary=f"Crawl {site}",
            mood=mood,
            source="frontier",
            detail={"site": site},
        )

    def perform(self, job: Job, task: Any) -> None:
        for page in range(self.dice.randint(2, 4)):
            self.fetch_page(job, page)
        self.think(
            task,
            "extract_prices",
            GPT_4O_MINI,
            f"List all prices on these pages of {job.detail['site']}.",
            '[{"sku": "A-14", "usd": 19.9}]',
            tokens_in=3800,
            cost_known=False,
        )

    @tracked("fetch_page")
    def fetch_page(self, job: Job, page: int) -> None:
        self.work(1.4)
        if job.mood == "blocked" and page == 1:
            raise ConnectionRefusedError(f"{job.detail['site']} answered 403: slow down")
