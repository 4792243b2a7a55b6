# %% 7.1 single agent
import hiveloop
hb = hiveloop.init(api_key="hb_live_xxx")
agent = hb.agent("my-agent", type="processor")
while True:
    item = queue.get()
    with agent.task(item.id, project="my-project", type="processing") as task:
        result = process(item)
        task.llm_call("analyze", model="...", tokens_in=N, tokens_out=N, cost=X)
    time.sleep(1)
# %% 7.2 static agents
hb = hiveloop.init(api_key="hb_live_xxx")
sales_agent = hb.agent("lead-qualifier", type="sales")
support_agent = hb.agent("support-triage", type="support")
etl_agent = hb.agent("data-pipeline", type="etl")
# Each agent runs in its own thread
threading.Thread(target=run_sales, args=(sales_agent,), daemon=True).start()
threading.Thread(target=run_support, args=(support_agent,), daemon=True).start()
threading.Thread(target=run_etl, args=(etl_agent,), daemon=True).start()
# %% 7.3 dynamic agents
hb = hiveloop.init(api_key="hb_live_xxx")
# Agent registry
_agents: dict[str, hiveloop.Agent] = {}
def create_agent(agent_id: str, agent_type: str):
    """Called whenever your system creates a new agent."""
    _agents[agent_id] = hb.agent(agent_id, type=agent_type)
    return _agents[agent_id]
def get_agent(agent_id: str):
    return _agents.get(agent_id)
def remove_agent(agent_id: str):
    """Called when an agent is removed. Heartbeat stops → HiveBoard shows offline."""
    _agents.pop(agent_id, None)
    # No explicit unregister — heartbeat stops, HiveBoard notices
# %% 7.4 api-driven agents
# startup
hb = hiveloop.init(api_key="hb_live_xxx")
agent = hb.agent("api-agent", type="api")
@app.post("/process")
async def process_request(request: ProcessRequest):
    with agent.task(request.id, project="api-service", type="request") as task:
        result = await handle(request)
        return result
# %% 7.5 queue-driven agents
hb = hiveloop.init(api_key="hb_live_xxx")
agent = hb.agent("queue-worker", type="worker",
    queue_provider=lambda: {"depth": queue.qsize()},
)
def worker():
    while True:
        message = queue.get()
        with agent.task(message.id, project="queue-service", type=message.type) as task:
            process(message)
        queue.task_done()
