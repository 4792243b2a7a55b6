"""CrewAI: a forecaster whose instrument fails now and then."""

from __future__ import annotations

from typing import Any

from frameworks.desk import Desk
from loopback import Reply

NEEDS = ("crewai",)


def make(desk: Desk) -> Any:
    """Builds the crew."""
    from crewai import LLM, Agent, Crew, Task
    from crewai.tools import tool

    @tool("read_barometer")
    def read_barometer(city: str) -> str:
        """Read the barometer of a city."""
        desk.pause(0.1, 0.5)
        if desk.chance(0.2):
            raise TimeoutError("the barometer does not answer")
        return f"{desk.random.randint(985, 1035)} hPa in {city}"

    llm = LLM(model="openai/gpt-4o", base_url=f"{desk.models.url}/v1", api_key="none", max_retries=0)
    forecaster = Agent(
        role="forecaster", goal="tell the weather", backstory="knows the clouds", llm=llm, tools=[read_barometer]
    )
    task = Task(name="forecast", description="How is it in Paris?", expected_output="a sentence", agent=forecaster)
    return Crew(name="crewai-met-office", agents=[forecaster], tasks=[task])


def work(desk: Desk, crew: Any) -> None:
    """Makes one forecast."""
    desk.models.script(
        Reply(tools=[("read_barometer", {"city": "Paris"})], seconds=0.5), Reply("It stays dry.", seconds=0.6)
    )
    crew.kickoff()
