# %% first heartbeat
import hiveloop
hb = hiveloop.init(api_key="hb_live_your_key_here")
agent = hb.agent("my-agent", type="general")
# %% task tracking
with agent.task("task-123", project="my-project", type="processing") as task:
    result = do_work()
    task.llm_call("reasoning", model="claude-sonnet-4-20250514",
                  tokens_in=1500, tokens_out=200, cost=0.003)
