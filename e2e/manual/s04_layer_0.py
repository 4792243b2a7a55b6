# %% 4.1 initialize
import hiveloop
hb = hiveloop.init(
    api_key="hb_live_your_key_here",
    endpoint="http://localhost:8000", # default: https://api.hiveboard.io
    environment="production", # appears as a filter on the dashboard
    group="my-team", # organizational grouping
)
# %% 4.2 register
agent = hb.agent(
    "my-agent",
    type="general",
    version="1.2.0",
    heartbeat_interval=30, # seconds between heartbeats (default: 30)
    stuck_threshold=300, # seconds before HiveBoard marks agent as stuck (default: 300)
)
# %% 4.3 multiple agents
sales_agent = hb.agent("lead-qualifier", type="sales")
support_agent = hb.agent("support-triage", type="support")
etl_agent = hb.agent("data-pipeline", type="etl")
# %% 4.4 heartbeat enrichment
agent = hb.agent(
    "my-agent",
    type="general",
    heartbeat_payload=lambda: {
        "kind": "heartbeat_status",
        "summary": f"Queue depth: {get_queue_size()}",
        "data": {
            "queue_depth": get_queue_size(),
            "memory_mb": get_memory_usage(),
            "uptime_seconds": get_uptime(),
        },
    },
)
# %% 4.5 queue visibility
agent = hb.agent(
    "my-agent",
    type="general",
    queue_provider=lambda: {
        "depth": work_queue.qsize(),
        "oldest_age_seconds": get_oldest_item_age(),
        "items": [
            {"id": item.id, "priority": item.priority, "summary": item.summary}
            for item in list(work_queue.queue)[:10]
        ],
    },
)
# %% 4.6 shutdown
hiveloop.shutdown(timeout=10) # waits up to 10 seconds for pending events to send
