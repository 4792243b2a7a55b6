//! How Rust agents fill in the well-known payloads: what is always known at once, the rest by name.

use super::kinds::{Issue, LlmCall, PlanStep, QueueSnapshot, Todo};
use super::value::Value;

/// One method a field, with the field's own documentation.
macro_rules! fields {
    ($name:ident: $($(#[$doc:meta])* $field:ident),* $(,)?) => {
        impl<'a> $name<Value<'a>> {
            $($(#[$doc])* #[must_use]
            pub fn $field(mut self, value: impl Into<Value<'a>>) -> Self {
                self.$field = Some(value.into());
                self
            })*
        }
    };
}

impl<'a> LlmCall<Value<'a>> {
    /// A call with a name and a model.
    pub fn new(name: &'a str, model: &'a str) -> Self {
        Self { name: Some(name.into()), model: Some(model.into()), ..Self::default() }
    }
}

fields!(LlmCall:
    /// Tokens read, cached ones included.
    tokens_in,
    /// Tokens written.
    tokens_out,
    /// US dollars.
    cost,
    /// Milliseconds until the answer was complete.
    duration_ms,
    /// The beginning of the prompt.
    prompt_preview,
    /// The beginning of the answer.
    response_preview,
    /// Anything else.
    metadata,
);

impl<'a> PlanStep<Value<'a>> {
    /// A step, counted from 0, that is `started`, `completed`, `failed` or `skipped`.
    pub fn new(step_index: u32, action: &'a str) -> Self {
        Self {
            step_index: Some(step_index.into()),
            total_steps: None,
            action: Some(action.into()),
            summary: None,
            turns: None,
            tokens: None,
            plan_revision: None,
        }
    }
}

fields!(PlanStep:
    /// What happened.
    summary,
    /// Turns of the conversation used.
    turns,
    /// Tokens used.
    tokens,
    /// How many steps the plan has; by default as declared.
    total_steps,
    /// Which revision of the plan the step belongs to; by default the latest declared.
    plan_revision,
);

impl<'a> QueueSnapshot<Value<'a>> {
    /// A queue in which so many items wait.
    pub fn new(depth: impl Into<Value<'a>>) -> Self {
        Self { depth: Some(depth.into()), oldest_age_seconds: None, items: None, processing: None }
    }
}

fields!(QueueSnapshot:
    /// How long the oldest has waited, in seconds.
    oldest_age_seconds,
    /// Some of the items: `[{id, priority, source, summary, queued_at}]`.
    items,
    /// What is being worked on: `{id, summary, started_at, elapsed_ms}`.
    processing,
);

impl<'a> Todo<Value<'a>> {
    /// An item that is `created`, `completed`, `failed`, `dismissed` or `deferred`.
    pub fn new(todo_id: &'a str, action: &'a str, summary: &'a str) -> Self {
        Self {
            todo_id: Some(todo_id.into()),
            action: Some(action.into()),
            summary: Some(summary.into()),
            priority: None,
            source: None,
            context: None,
            due_by: None,
        }
    }
}

fields!(Todo:
    /// How urgent.
    priority,
    /// Where it comes from.
    source,
    /// What belongs to it.
    context,
    /// When it is due.
    due_by,
);

impl<'a> Issue<Value<'a>> {
    /// Something is wrong.
    pub fn reported(summary: &'a str) -> Self {
        Self::told("reported", summary)
    }

    /// Something is right again: give the id it was reported with.
    pub fn resolved(summary: &'a str) -> Self {
        Self::told("resolved", summary)
    }

    fn told(action: &'static str, summary: &'a str) -> Self {
        Self {
            summary: Some(summary.into()),
            action,
            severity: None,
            issue_id: None,
            category: None,
            context: None,
            occurrence_count: None,
        }
    }
}

fields!(Issue:
    /// `low`, `medium`, `high` or `critical`.
    severity,
    /// Groups reports of the same issue.
    issue_id,
    /// Its kind, as in `connectivity`.
    category,
    /// What belongs to it.
    context,
    /// How often the agent itself has counted it.
    occurrence_count,
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::JsonWriter;
    use serde_json::{Value as Json, json};

    fn written(write: impl FnOnce(&mut JsonWriter)) -> Json {
        let mut out = JsonWriter::new();
        write(&mut out);
        serde_json::from_slice(&out.into_bytes()).unwrap()
    }

    #[test]
    fn a_step_takes_from_its_plan_what_it_does_not_say() {
        let step = PlanStep::new(1, "completed").summary("Enriched").tokens(2500);
        let data = |plan| written(|out| step.write_within(out, plan))["data"].clone();
        let own = json!({"step_index": 1, "action": "completed", "tokens": 2500});
        assert_eq!(data(None), own);
        let whole =
            json!({"step_index": 1, "total_steps": 3, "action": "completed", "tokens": 2500, "plan_revision": 2});
        assert_eq!(data(Some((3, 2))), whole);
        let told = PlanStep::new(0, "started").total_steps(9).plan_revision(0);
        let told = written(|out| told.write_within(out, Some((3, 2))));
        assert_eq!((&told["data"]["total_steps"], &told["data"]["plan_revision"]), (&json!(9), &json!(0)));
    }

    #[test]
    fn what_is_not_said_is_not_written() {
        let issue = written(|out| Issue::reported("CRM is slow").severity("high").issue_id("crm").write(out));
        assert_eq!(issue["data"], json!({"issue_id": "crm", "severity": "high", "action": "reported"}));
        assert_eq!(written(|out| Issue::resolved("CRM is back").write(out))["data"], json!({"action": "resolved"}));
        let queue = written(|out| QueueSnapshot::new(4).oldest_age_seconds(1.5).write(out));
        assert_eq!(queue["data"], json!({"depth": 4, "oldest_age_seconds": 1.5}));
        let todo = written(|out| Todo::new("t-1", "created", "Read it").priority("normal").write(out));
        assert_eq!(todo["data"], json!({"todo_id": "t-1", "action": "created", "priority": "normal"}));
        assert_eq!(todo["summary"], json!("Read it"));
    }
}
