//! An action: a tracked step within a task, or of an agent outside of any.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::agent::AgentInfo;
use crate::client::Client;
use crate::event::EventType;
use crate::payload::{ExtraFields, JsonWriter};
use crate::subject::Subject;
use crate::task::{Failure, Task};

/// A running action. It fails when it is dropped before [`Action::complete`] or [`Action::fail`].
pub struct Action {
    client: Client,
    agent: Arc<AgentInfo>,
    task: Option<Task>,
    id: String,
    parent_id: Option<String>,
    description: String,
    started: Duration,
    ended: AtomicBool,
    extra: Mutex<ExtraFields>,
}

impl Action {
    /// The fields that name an action, made once for a function that is tracked often.
    pub fn describe(name: &str, function: Option<&str>) -> String {
        let mut out = JsonWriter::new();
        out.raw("{");
        out.key("action_name");
        out.string(name);
        if let Some(function) = function {
            out.key("function");
            out.string(function);
        }
        String::from_utf8(out.into_bytes()).expect("the writer writes only whole characters")
    }

    /// Begins an action described by [`Action::describe`].
    pub(crate) fn start(
        client: Client,
        agent: Arc<AgentInfo>,
        task: Option<Task>,
        parent_action_id: Option<&str>,
        description: &str,
    ) -> Self {
        let action = Self {
            id: client.process().random_id(),
            parent_id: parent_action_id.map(str::to_owned),
            description: description.to_owned(),
            started: client.config().clock.monotonic(),
            ended: AtomicBool::new(false),
            extra: Mutex::default(),
            client,
            agent,
            task,
        };
        action.subject().emit(EventType::ActionStarted, |out| {
            out.raw(&action.description);
            out.raw("}");
        });
        action
    }

    /// The action's id.
    pub fn action_id(&self) -> &str {
        &self.id
    }

    /// The task it belongs to.
    pub fn task(&self) -> Option<&Task> {
        self.task.as_ref()
    }

    /// Begins an action inside of this one.
    #[must_use]
    pub fn action(&self, name: &str) -> Self {
        let (client, agent) = (self.client.clone(), self.agent.clone());
        Self::start(client, agent, self.task.clone(), Some(&self.id), &Self::describe(name, None))
    }

    fn subject(&self) -> Subject<'_> {
        let whole = match &self.task {
            Some(task) => task.subject(),
            None => Subject::of_agent(&self.client, &self.agent),
        };
        Subject { action_id: Some(&self.id), parent_action_id: self.parent_id.as_deref(), ..whole }
    }

    /// Adds fields, given as the text of a JSON object, to the event that ends the action.
    pub fn set_payload_json(&self, object: &[u8]) {
        self.extra.lock().unwrap_or_else(PoisonError::into_inner).merge(object);
    }

    /// Adds the fields of a JSON object to the event that ends the action.
    pub fn set_payload(&self, payload: &serde_json::Value) {
        self.set_payload_json(payload.to_string().as_bytes());
    }

    /// Ends the action well. Later ends are ignored.
    pub fn complete(&self) {
        self.end(EventType::ActionCompleted, "success", None);
    }

    /// Ends the action as failed. Later ends are ignored.
    pub fn fail(&self, failure: Failure<'_>) {
        self.end(EventType::ActionFailed, "failure", Some(failure));
    }

    /// Ends the action as failed by an error. Later ends are ignored.
    pub fn fail_with<E: std::error::Error + ?Sized>(&self, error: &E) {
        Failure::told_by(error, |failure| self.fail(failure));
    }

    fn end(&self, event_type: EventType, status: &str, failure: Option<Failure<'_>>) {
        if self.ended.swap(true, Ordering::AcqRel) {
            return;
        }
        let elapsed = self.client.config().clock.monotonic().saturating_sub(self.started);
        let subject = Subject { status: Some(status), duration_ms: Some(elapsed.as_millis() as i64), ..self.subject() };
        subject.emit(event_type, |out| {
            out.raw(&self.description);
            let mut taken = vec!["action_name", "function"];
            if let Some(failure) = failure {
                failure.write(out);
                taken.extend(Failure::FIELDS);
            }
            self.extra.lock().unwrap_or_else(PoisonError::into_inner).write(out, &taken);
            out.raw("}");
        });
    }
}

impl Drop for Action {
    fn drop(&mut self) {
        if self.client.config().fail_dropped {
            self.fail(Failure {
                exception_type: "Dropped",
                exception_message: "the action was dropped before its end",
            });
        }
    }
}
