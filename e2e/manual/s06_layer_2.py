# %% 6.1 llm call
task.llm_call(
    "lead_scoring", # call name
    "claude-sonnet-4-20250514", # model
    tokens_in=1500, # input tokens (optional)
    tokens_out=200, # output tokens (optional)
    cost=0.003, # USD cost (optional)
    duration_ms=1200, # LLM latency (optional)
    prompt_preview="You are analyzing...", # first ~500 chars (optional)
    response_preview='{"score": 42}', # first ~500 chars (optional)
)
# %% 6.1 llm call outside a task
agent.llm_call("summarize_context", "claude-haiku-4-5-20251001",
               tokens_in=3000, tokens_out=500, cost=0.001)
# %% 6.1 cost helper
MODEL_COSTS = {
    "claude-sonnet-4-20250514": (0.003, 0.015), # per 1K tokens (in, out)
    "claude-haiku-4-5-20251001": (0.00025, 0.00125),
    "gpt-4o": (0.005, 0.015),
    "gpt-4o-mini": (0.00015, 0.0006),
}
def calculate_cost(model, tokens_in, tokens_out):
    costs = MODEL_COSTS.get(model, (0.001, 0.005))
    return round((tokens_in / 1000) * costs[0] + (tokens_out / 1000) * costs[1], 6)
# %% 6.2 plan
task.plan("Process lead #4801", ["Score lead", "Enrich data", "Route to rep"])
# %% 6.2 plan steps
task.plan_step(0, "started", "Scoring lead")
# ... work happens ...
task.plan_step(0, "completed", "Lead scored 87", turns=1, tokens=2500)
task.plan_step(1, "started", "Enriching lead data")
# ... work happens ...
task.plan_step(1, "failed", "Enrichment API timeout")
# ... retry ...
task.plan_step(1, "completed", "Enrichment succeeded on retry")
# %% 6.3 escalation
task.escalate(
    "Complex billing issue — needs senior review",
    assigned_to="senior-support",
)
# %% 6.4 approval request
task.request_approval(
    "Approval needed for account credit of $500",
    approver="support-lead",
)
# %% 6.4 approval received
task.approval_received(
    "Credit approved",
    approved_by="support-lead",
    decision="approved", # or "rejected"
)
# %% 6.5 retry
task.retry("Retrying after API timeout", attempt=2, backoff_seconds=4.0)
# %% 6.6 report issue
agent.report_issue(
    summary="CRM API consistently timing out",
    severity="high", # "low", "medium", "high", "critical"
    issue_id="crm-timeout", # optional — for dedup and resolution tracking
    category="connectivity", # optional
    context={"api": "salesforce", "timeout_ms": 5000}, # optional
)
# %% 6.6 resolve issue
agent.resolve_issue("CRM API recovered", issue_id="crm-timeout")
# %% 6.7 todo
agent.todo("todo-kb-update", "created",
           "Update knowledge base with new product FAQ",
           priority="normal", source="agent_decision")
# %% 6.8 scheduled
agent.scheduled(items=[
    {"id": "sched-sync", "name": "CRM Pipeline Sync",
     "next_run": "2026-02-12T15:00:00Z", "interval": "1h",
     "enabled": True, "last_status": "success"},
    {"id": "sched-cleanup", "name": "Stale data cleanup",
     "next_run": "2026-02-13T08:00:00Z", "interval": "daily",
     "enabled": True, "last_status": None},
])
# %% 6.9 custom event
task.event("custom_event_type", {
    "kind": "my_custom_kind",
    "summary": "Something interesting happened",
    "data": {"key": "value"},
})
