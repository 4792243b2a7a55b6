//! An action: a tracked step within a task, or of an agent outside of any.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::agent::Agent;
use crate::agent_info::AgentInfo;
use crate::client::Client;
use crate::event::EventType;
use crate::outcome::{Failure, Outcome};
use crate::payload::{ExtraFields, JsonWriter};
use crate::subject::Subject;
use crate::task::Task;

impl Agent {
    /// Begins an action outside of any task.
    pub fn action(&self, name: &str) -> Action {
        self.action_within(None, &Action::describe(name, None))
    }

    /// Begins an action outside of any task, inside of another; `description` comes from [`Action::describe`].
    pub fn action_within(&self, parent_action_id: Option<&str>, description: &str) -> Action {
        Action::start(self.client.clone(), self.info.clone(), None, parent_action_id, description)
    }
}

impl Task {
    /// Begins an action in this task.
    pub fn action(&self, name: &str) -> Action {
        self.action_within(None, &Action::describe(name, None))
    }

    /// Begins an action in this task, inside of another; `description` comes from [`Action::describe`].
    pub fn action_within(&self, parent_action_id: Option<&str>, description: &str) -> Action {
        let agent = self.agent();
        Action::start(agent.client.clone(), agent.info.clone(), Some(self.clone()), parent_action_id, description)
    }
}

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
        action.agent.work.begin(action.client.process().generation);
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
        self.end(Outcome::SUCCESS);
    }

    /// Ends the action as failed. Later ends are ignored.
    pub fn fail(&self, failure: Failure<'_>) {
        self.end(Outcome::Failed(Some(failure)));
    }

    /// Ends the action as failed by an error. Later ends are ignored.
    pub fn fail_with<E: std::error::Error + ?Sized>(&self, error: &E) {
        Failure::told_by(error, |failure| self.fail(failure));
    }

    /// Ends the action. Later ends are ignored.
    pub fn end(&self, outcome: Outcome<'_>) {
        if self.ended.swap(true, Ordering::AcqRel) {
            return;
        }
        let elapsed = self.client.config().clock.monotonic().saturating_sub(self.started);
        let (status, _, failure) = outcome.told();
        let subject = Subject { status: Some(status), duration_ms: Some(elapsed.as_millis() as i64), ..self.subject() };
        subject.emit(outcome.of_action(), |out| {
            out.raw(&self.description);
            let mut taken = vec!["action_name", "function"];
            if let Some(failure) = failure {
                failure.write(out, self.client.config().scrub_urls);
                taken.extend(Failure::FIELDS);
            }
            self.extra.lock().unwrap_or_else(PoisonError::into_inner).write(out, &taken);
            out.raw("}");
        });
        self.agent.work.end(self.client.process().generation);
    }
}

impl Drop for Action {
    fn drop(&mut self) {
        if self.client.config().fail_dropped {
            self.fail(Failure::DROPPED_ACTION);
        } else if !*self.ended.get_mut() {
            self.agent.work.end(self.client.process().generation);
        }
    }
}
