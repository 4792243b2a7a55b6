"""LangChain and LangGraph on models that are made up, and on real model classes before a provider on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import gc
import pickle
import threading
from typing import Any
from uuid import uuid4

import pytest
from langchain.agents import create_agent
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage
from langchain_core.runnables import RunnableLambda
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, RetryPolicy, interrupt
from loopback import Provider, Reply
from timing import BOUND_DUMPS, dumps_of
from typing_extensions import TypedDict

import hiveloop
from hiveloop.integrations import langchain as integration
from hiveloop.integrations import openai as openai_integration
from hiveloop.integrations.langchain import LangChainCallback


def test_a_callback_is_copied_as_itself_and_pickled_as_one_of_its_kind(hb: hiveloop.HiveBoard) -> None:
    callback = LangChainCallback(hb, project="p", agent="a")
    assert copy.deepcopy({"callbacks": [callback]})["callbacks"][0] is callback
    assert pickle.loads(pickle.dumps(callback)) is callback
    pickled = pickle.dumps(callback)
    del callback
    gc.collect()
    elsewhere = pickle.loads(pickled)
    assert (type(elsewhere), elsewhere.watch.project, elsewhere.watch.hb) == (LangChainCallback, "p", hb)


@tool
def weather(city: str) -> str:
    """Tell the weather."""
    if city == "Atlantis":
        raise ValueError("no such city")
    return f"sunny in {city}"


@pytest.fixture
def callback(hb: hiveloop.HiveBoard) -> LangChainCallback:
    return LangChainCallback(hb, project="my-project")


@pytest.fixture
def model(models: Provider) -> ChatOpenAI:
    return ChatOpenAI(model="gpt-5", base_url=f"{models.url}/v1", max_retries=0)


@pytest.fixture
def agent(model: ChatOpenAI) -> Any:
    return create_agent(model, [weather], name="forecaster")


def question(text: str = "How is it in Paris?") -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text}]}


TWO_STEPS = (Reply(tools=[("weather", {"city": "Paris"})]), Reply("It is sunny."))


@pytest.mark.parametrize("way", ["invoke", "ainvoke", "stream", "astream", "astream_events"])
def test_an_agent_with_a_tool(way: str, agent: Any, callback: Any, models: Provider, seen: Any) -> None:
    models.script(*TWO_STEPS)
    config = {"callbacks": [callback]}

    async def go() -> None:
        if way == "ainvoke":
            await agent.ainvoke(question(), config=config)
        elif way == "astream":
            async for _ in agent.astream(question(), config=config, stream_mode="messages"):
                pass
        else:
            async for _ in agent.astream_events(question(), config=config, version="v2"):
                pass

    if way == "invoke":
        agent.invoke(question(), config=config)
    elif way == "stream":
        for _ in agent.stream(question(), config=config):
            pass
    else:
        asyncio.run(go())
    assert seen.one_task() == ("forecaster", ["completed"])
    assert seen.actions() == {"weather": ["completed"]}
    first, second = seen.calls()
    assert (first["model"], first["name"]) == ("gpt-5-2026", "model")
    assert (first["response_preview"], second["response_preview"]) == ("→ weather", "It is sunny.")
    assert first["prompt_preview"] == "How is it in Paris?"
    assert second["prompt_preview"] == "sunny in Paris"
    if way in ("invoke", "ainvoke", "stream"):
        assert (first["tokens_in"], first["tokens_out"]) == (100, 20)
        assert (first["metadata"]["cache_read"], first["metadata"]["reasoning"]) == (40, 5)
    if not way.startswith("astream"):  # streamed, the framework keeps the provider's id to itself
        assert [call["metadata"]["response_id"] for call in (first, second)] == ["chatcmpl-1", "chatcmpl-2"]
    (start,) = seen.events("task_started")
    assert start["project_id"] == "my-project"
    (end,) = seen.events("action_completed")
    assert (end["payload"]["args"], end["payload"]["result"]) == ({"city": "Paris"}, "sunny in Paris")


def test_inside_of_a_task_of_the_programs_it_is_an_action(
    hb: Any, agent: Any, callback: Any, models: Provider, seen: Any
) -> None:
    models.script(*TWO_STEPS)
    with hb.agent("own", heartbeat_interval=0).task("t-1"):
        agent.invoke(question(), config={"callbacks": [callback]})
    assert seen.tasks() == {"own/t-1": ["completed"]}
    assert seen.actions() == {"forecaster": ["completed"], "forecaster > weather": ["completed"]}
    assert {event["task_id"] for event in seen.events("custom")} == {"t-1"}


def test_what_a_tool_tracks_itself_is_inside_of_it(hb: Any, model: Any, callback: Any, models: Any, seen: Any) -> None:
    @tool
    def search(query: str) -> str:
        """Search."""
        task = hiveloop.current_task()
        with task.agent.track_context("fetch"):
            task.event("custom", {"kind": "note", "summary": "inside"})
        return "found"

    models.script(Reply(tools=[("search", {"query": "x"})]), "done")
    create_agent(model, [search], name="finder").invoke(question(), config={"callbacks": [callback]})
    assert seen.actions() == {"search": ["completed"], "search > fetch": ["completed"]}


def test_a_failing_tool(agent: Any, callback: Any, models: Provider, seen: Any) -> None:
    models.script(Reply(tools=[("weather", {"city": "Atlantis"})]))
    with pytest.raises(ValueError, match="no such city"):
        agent.invoke(question(), config={"callbacks": [callback]})
    assert seen.one_task() == ("forecaster", ["failed"])
    assert seen.actions() == {"weather": ["failed"]}
    (failed,) = seen.events("action_failed")
    assert failed["payload"]["exception_type"] == "ValueError"


def test_a_failing_model(agent: Any, callback: Any, models: Provider, seen: Any) -> None:
    models.script(Reply(status=500))
    with pytest.raises(Exception, match="refused with 500"):
        agent.invoke(question(), config={"callbacks": [callback]})
    assert seen.one_task() == ("forecaster", ["failed"])
    (call,) = seen.calls()
    assert call["metadata"]["error"].endswith("refused with 500")


def test_parallel_tools(agent: Any, callback: Any, models: Provider, seen: Any) -> None:
    models.script(Reply(tools=[("weather", {"city": "Paris"}), ("weather", {"city": "Rome"})]), "both")
    agent.invoke(question(), config={"callbacks": [callback]})
    assert seen.actions() == {"weather": ["completed", "completed"]}
    results = sorted(event["payload"]["result"] for event in seen.events("action_completed"))
    assert results == ["sunny in Paris", "sunny in Rome"]


def test_a_retry_is_told(callback: Any, seen: Any) -> None:
    attempts: list[int] = []

    def shaky(_: Any) -> str:
        attempts.append(1)
        if len(attempts) < 3:
            raise ValueError("not yet")
        return "there"

    work = RunnableLambda(shaky, name="shaky").with_retry(stop_after_attempt=3, wait_exponential_jitter=False)
    work.with_config(run_name="job").invoke("x", config={"callbacks": [callback]})
    assert seen.one_task() == ("job", ["completed"])
    retries = [event["payload"]["data"]["attempt"] for event in seen.events("retry_started")]
    assert retries == [1, 2]


def test_a_graphs_own_retries_are_told(callback: Any, seen: Any) -> None:
    class State(TypedDict):
        count: int

    attempts: list[int] = []

    def shaky(state: State) -> State:
        attempts.append(1)
        if len(attempts) < 2:
            raise ConnectionError("not yet")
        return {"count": 1}

    graph = StateGraph(State)
    graph.add_node("shaky", shaky, retry_policy=RetryPolicy(initial_interval=0.01, max_attempts=3))
    graph.add_edge(START, "shaky")
    graph.add_edge("shaky", END)
    graph.compile(name="counter").invoke({"count": 0}, config={"callbacks": [callback]})
    assert seen.one_task() == ("counter", ["completed"])
    assert len(seen.events("retry_started")) == 1


def asking_graph(asked: str = "Send 900 euros?") -> Any:
    class State(TypedDict):
        answer: str

    def decide(state: State) -> State:
        return {"answer": str(interrupt(asked))}

    graph = StateGraph(State)
    graph.add_node("decide", decide)
    graph.add_edge(START, "decide")
    graph.add_edge("decide", END)
    return graph.compile(name="clerk", checkpointer=InMemorySaver())


@pytest.mark.parametrize("is_async", [False, True])
def test_a_pause_waits_and_is_never_a_failure(is_async: bool, callback: Any, seen: Any) -> None:
    graph = asking_graph()
    config = {"callbacks": [callback], "configurable": {"thread_id": f"pay-{is_async}"}}

    def run(given: Any) -> Any:
        return asyncio.run(graph.ainvoke(given, config=config)) if is_async else graph.invoke(given, config=config)

    run({"answer": ""})
    assert seen.kinds() == ["task_started", "approval_requested"]
    (asked,) = seen.events("approval_requested")
    assert asked["payload"]["summary"] == "Send 900 euros?"
    assert hiveloop.current_task() is None
    assert run(Command(resume="yes"))["answer"] == "yes"
    assert seen.kinds() == ["task_started", "approval_requested", "approval_received", "task_completed"]
    assert seen.events("approval_received")[0]["payload"]["data"]["decision"] == "approved"
    assert len({event["task_run_id"] for event in seen.events()}) == 1


def test_a_refusal_is_told(callback: Any, seen: Any) -> None:
    graph = asking_graph()
    config = {"callbacks": [callback], "configurable": {"thread_id": "pay-2"}}
    graph.invoke({"answer": ""}, config=config)
    graph.invoke(Command(resume=False), config=config)
    assert seen.events("approval_received")[0]["payload"]["data"]["decision"] == "rejected"


def test_an_interrupt_before_a_node_waits(callback: Any, seen: Any) -> None:
    class State(TypedDict):
        count: int

    graph = StateGraph(State)
    graph.add_node("pay", lambda state: {"count": 1})
    graph.add_edge(START, "pay")
    graph.add_edge("pay", END)
    compiled = graph.compile(name="payer", checkpointer=InMemorySaver(), interrupt_before=["pay"])
    config = {"callbacks": [callback], "configurable": {"thread_id": "p"}}
    compiled.invoke({"count": 0}, config=config)
    assert seen.kinds() == ["task_started", "approval_requested"]
    compiled.invoke(None, config=config)
    assert seen.kinds()[2:] == ["approval_received", "task_completed"]


def test_another_agent_inside_is_an_action(model: Any, callback: Any, models: Provider, seen: Any) -> None:
    inner = create_agent(model, [weather], name="forecaster")

    @tool
    def ask_forecaster(question: str) -> str:
        """Ask the forecaster."""
        return str(inner.invoke({"messages": [{"role": "user", "content": question}]})["messages"][-1].content)

    models.script(Reply(tools=[("ask_forecaster", {"question": "Paris?"})]), *TWO_STEPS, "All is well.")
    create_agent(model, [ask_forecaster], name="boss").invoke(question(), config={"callbacks": [callback]})
    assert seen.one_task() == ("boss", ["completed"])
    assert seen.actions() == {
        "ask_forecaster": ["completed"],
        "ask_forecaster > forecaster": ["completed"],
        "ask_forecaster > forecaster > weather": ["completed"],
    }
    assert len(seen.calls()) == 4


def test_a_hand_off_is_named(model: Any, callback: Any, models: Provider, seen: Any) -> None:
    @tool
    def transfer_to_billing() -> str:
        """Hand over to billing."""
        return "billing took over"

    models.script(Reply(tools=[("transfer_to_billing", {})]), "done")
    create_agent(model, [transfer_to_billing], name="front").invoke(question(), config={"callbacks": [callback]})
    assert seen.actions() == {"handoff:front→billing": ["completed"]}


def test_two_runs_at_once(agent: Any, callback: Any, models: Provider, seen: Any) -> None:
    async def both() -> None:
        work = [agent.ainvoke(question(), config={"callbacks": [callback], "run_id": uuid4()}) for _ in range(5)]
        await asyncio.gather(*work)

    asyncio.run(both())
    told = seen.tasks()
    assert len(told) == 5
    assert set(map(tuple, told.values())) == {("completed",)}
    assert sorted(event["task_id"] for event in seen.events("custom")) == sorted(key.split("/")[1] for key in told)


def test_two_threads_at_once(agent: Any, callback: Any, models: Provider, seen: Any) -> None:
    threads = [
        threading.Thread(target=lambda: agent.invoke(question(), config={"callbacks": [callback]})) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(map(tuple, seen.tasks().values())) == {("completed",)}
    assert len(seen.calls()) == 4


def test_a_cancelled_run(agent: Any, callback: Any, models: Provider, seen: Any) -> None:
    models.script(Reply("late", seconds=5))

    async def go() -> None:
        run = asyncio.create_task(agent.ainvoke(question(), config={"callbacks": [callback]}))
        await asyncio.sleep(0.5)
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run

    asyncio.run(go())
    assert seen.one_task() == ("forecaster", ["cancelled"])
    assert len(seen.calls()) == 1


def test_an_abandoned_stream(agent: Any, callback: Any, models: Provider, seen: Any) -> None:
    models.script(*TWO_STEPS)
    stream = agent.stream(question(), config={"callbacks": [callback]})
    next(stream)
    stream.close()
    del stream
    gc.collect()
    agent_name, ends = seen.one_task()
    assert agent_name == "forecaster"
    assert ends in (["completed"], ["cancelled"])


def test_a_model_alone_is_a_call_and_no_task(hb: Any, model: Any, callback: Any, models: Provider, seen: Any) -> None:
    model.invoke("hello", config={"callbacks": [callback]})
    with hb.agent("own", heartbeat_interval=0).task("t-1"):
        model.invoke("hello", config={"callbacks": [callback]})
    assert seen.tasks() == {"own/t-1": ["completed"]}
    assert [event.get("task_id") for event in seen.events("custom")] == [None, "t-1"]


def test_a_stream_of_a_model_that_its_reader_leaves(model: Any, callback: Any, models: Provider, seen: Any) -> None:
    models.script("one two three four")
    stream = model.stream("hello", config={"callbacks": [callback]})
    next(stream)
    stream.close()
    (call,) = seen.calls()
    assert call["metadata"]["stream"] == "abandoned"


def test_models_that_are_made_up_tell_no_tokens(callback: Any, seen: Any) -> None:
    fake = GenericFakeChatModel(messages=iter([AIMessage("hello there")]))
    fake.invoke("hi", config={"callbacks": [callback]})
    (call,) = seen.calls()
    assert call["response_preview"] == "hello there"
    assert "tokens_in" not in call


@pytest.mark.parametrize("is_streamed", [False, True])
def test_with_the_clients_hook_each_call_is_told_once(
    is_streamed: bool, hb: Any, agent: Any, callback: Any, models: Provider, seen: Any
) -> None:
    openai_integration.install(hb)
    try:
        models.script(*TWO_STEPS)
        if is_streamed:
            list(agent.stream(question(), config={"callbacks": [callback]}, stream_mode="messages"))
        else:
            agent.invoke(question(), config={"callbacks": [callback]})
    finally:
        openai_integration.uninstall()
    assert [call["name"] for call in seen.calls()] == ["model", "model"]


def test_switched_on_for_everything_and_off_again(hb: Any, agent: Any, models: Provider, seen: Any) -> None:
    integration.install(hb, project="all")
    try:
        models.script(*TWO_STEPS)
        agent.invoke(question())
        done = threading.Thread(target=lambda: agent.invoke(question()))
        done.start()
        done.join()
        assert len(seen.tasks()) == 2
    finally:
        integration.uninstall()
    agent.invoke(question())
    assert len(seen.tasks()) == 2


def test_a_handler_of_its_own_tells_alone(hb: Any, agent: Any, callback: Any, models: Provider, seen: Any) -> None:
    integration.install(hb)
    try:
        models.script(*TWO_STEPS)
        agent.invoke(question(), config={"callbacks": [callback]})
    finally:
        integration.uninstall()
    assert len(seen.tasks()) == 1
    assert len(seen.calls()) == 2


def test_an_interrupt_is_seen_where_the_hook_is_for_everything(hb: Any, seen: Any) -> None:
    integration.install(hb)
    try:
        graph = asking_graph()
        config = {"configurable": {"thread_id": "pay-3"}}
        graph.invoke({"answer": ""}, config=config)
        assert seen.kinds() == ["task_started", "approval_requested"]
        graph.invoke(Command(resume="ok"), config=config)
        assert seen.kinds()[2:] == ["approval_received", "task_completed"]
    finally:
        integration.uninstall()


def test_a_run_that_was_left_open_takes_in_no_other(agent: Any, callback: Any, models: Provider, seen: Any) -> None:
    models.script(*TWO_STEPS)
    left = agent.stream(question(), config={"callbacks": [callback]})
    next(left)
    agent.invoke(question(), config={"callbacks": [callback]})
    assert len(seen.tasks()) == 2
    with contextlib.suppress(Exception):
        left.close()


def test_the_board_shows_it(board: Any, models: Provider) -> None:
    hb = hiveloop.init(api_key=board.key, endpoint=board.url, flush_interval=0.2)
    callback = LangChainCallback(hb, project="my-project")
    model = ChatOpenAI(model="gpt-5", base_url=f"{models.url}/v1", max_retries=0)
    models.script(*TWO_STEPS)
    create_agent(model, [weather], name="forecaster").invoke(question(), config={"callbacks": [callback]})
    asking_graph().invoke({"answer": ""}, config={"callbacks": [callback], "configurable": {"thread_id": "invoice-7"}})
    hiveloop.flush()
    agents = board.agents()
    assert agents["forecaster"]["derived_status"] == "idle"
    assert agents["forecaster"]["framework"] == "langchain"
    assert agents["clerk"]["derived_status"] == "waiting_approval"
    run = next(run for run in board.all("/v1/tasks") if run["agent_id"] == "forecaster")
    assert (run["derived_status"], run["llm_call_count"]) == ("completed", 2)
    assert (run["total_tokens_in"], run["total_tokens_out"]) == (200, 40)
    assert board.task("invoice-7")["derived_status"] == "waiting"


def test_it_costs_little(callback: Any) -> None:
    root = uuid4()
    callback.on_chain_start({}, {}, run_id=root, name="job")

    def one() -> None:
        run = uuid4()
        callback.on_tool_start({}, "x", run_id=run, parent_run_id=root, name="weather", inputs={"city": "Paris"})
        callback.on_tool_end("sunny", run_id=run)

    took = dumps_of(one)
    callback.on_chain_end({}, run_id=root)
    assert took < 2 * BOUND_DUMPS  # two calls
