# %% 5.1 task context manager
with agent.task("task-123", project="my-project", type="lead_processing") as task:
    # Everything inside this block is part of the task
    result = process_lead(lead)
# %% 5.2 start_task
task = agent.start_task("task-123", project="my-project", type="processing")
try:
    result = do_work()
    task.complete(payload={"result": result})
except Exception as e:
    task.fail(exception=e)
    raise
# %% 5.3 decorator
@agent.track("score_lead")
def score_lead(lead_data):
    # HiveLoop automatically captures:
    # - action_started (with function name)
    # - action_completed (with duration) or action_failed (with exception)
    return calculate_score(lead_data)
# %% 5.3 async decorator
@agent.track("fetch_data")
async def fetch_data(url):
    async with httpx.AsyncClient() as client:
        return await client.get(url)
# %% 5.4 nested actions
@agent.track("process_lead")
def process_lead(lead):
    score = score_lead(lead) # nested action
    enrichment = enrich_lead(lead) # nested action
    route_lead(lead, score) # nested action
@agent.track("score_lead")
def score_lead(lead):
    return llm_score(lead)
@agent.track("enrich_lead")
def enrich_lead(lead):
    return api_enrich(lead)
@agent.track("route_lead")
def route_lead(lead, score):
    return assign_to_rep(lead, score)
# %% 5.5 exceptions
@agent.track("risky_operation")
def risky():
    raise ValueError("something broke")
try:
    risky() # action_failed event emitted, then ValueError re-raises
except ValueError:
    handle_error()
