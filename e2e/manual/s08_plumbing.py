# %% 8.1 pass as parameter: the call
with agent.task(task_id, project="my-project") as task:
    result = process(item, task=task)
# %% 8.1 pass as parameter: the function
def process(item, task=None):
    score = score_item(item, task=task)
    if task:
        task.llm_call("scoring", model="...", tokens_in=N, tokens_out=N)
    return score
# %% 8.2 context variable
import contextvars
_current_task = contextvars.ContextVar('hiveloop_task', default=None)
def set_current_task(task):
    _current_task.set(task)
def get_current_task():
    return _current_task.get()
# %% 8.2 at the top level
with agent.task(task_id, project="my-project") as task:
    set_current_task(task)
    try:
        result = process(item)
    finally:
        set_current_task(None)
# %% 8.2 deeper
def deep_function():
    task = get_current_task()
    if task:
        task.llm_call("reasoning", model="...", tokens_in=N, tokens_out=N)
# %% 8.3 execution context: the route
# FastAPI example
@app.post("/process")
async def process(request: Request):
    with agent.task(task_id, project="my-project") as task:
        request.state.hiveloop_task = task
        result = await handle(request)
# %% 8.3 execution context: deeper
# Deeper in the code
def handle(request):
    task = getattr(request.state, 'hiveloop_task', None)
    if task:
        task.llm_call(...)
# %% 8.4 graceful degradation
# This is always safe:
task = get_current_task()
if task:
    task.llm_call(...)
# If task is None, nothing happens. Your agent keeps running.
