"""Google's ADK: a guide with a tool, on Google's own client."""

from __future__ import annotations

import asyncio
from typing import Any

from frameworks.desk import Desk
from loopback import Reply

NEEDS = ("google.adk", "google.genai")


def make(desk: Desk) -> Any:
    """Builds nothing: Google's client belongs to the event loop that it is used in."""
    return None


def guide(desk: Desk) -> Any:
    """Builds the agent."""
    from google import genai
    from google.adk.agents import LlmAgent
    from google.adk.models.google_llm import Gemini

    def find_hall(work_of_art: str) -> str:
        """Find the hall of a work of art."""
        return f"{work_of_art} hangs in hall {desk.random.randint(1, 9)}"

    model = Gemini(model="gemini-2.5-flash")
    model.__dict__["api_client"] = genai.Client(api_key="none", http_options={"base_url": desk.models.url})
    return LlmAgent(name="google_adk_guide", model=model, tools=[find_hall])


def work(desk: Desk, made: Any) -> None:
    """Leads one visitor."""
    from google.adk.runners import InMemoryRunner
    from google.genai import types

    async def lead() -> None:
        runner = InMemoryRunner(guide(desk), app_name="museum")
        session = await runner.session_service.create_session(app_name="museum", user_id="visitor")
        asked = types.Content(role="user", parts=[types.Part(text="Where is the chair?")])
        async for _ in runner.run_async(user_id="visitor", session_id=session.id, new_message=asked):
            pass

    desk.models.script(
        Reply(tools=[("find_hall", {"work_of_art": "the chair"})], seconds=0.4), Reply("This way.", seconds=0.4)
    )
    asyncio.run(lead())
