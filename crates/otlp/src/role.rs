//! What a span is, by the conventions that its attributes or its name keep to.

use crate::{attributes::Attributes, haystack, usage::Usage};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// An agent at work: a task when it is the topmost, else an action.
    Agent,
    /// A workflow, a crew, a call of an SDK that loops: a task when it is the topmost, else passed over.
    Workflow,
    Tool,
    Model,
    /// A step between others, of which only the place is kept.
    Step,
    /// The tool's own part of a span that also holds the wait for a person.
    Execution,
    /// A wait for a person; `decision` says what came of it.
    Blocked,
    /// Nothing of an agent: transport, storage, internals.
    Other,
}

impl Role {
    /// Whether it belongs to an agent's work.
    pub(crate) const fn is_work(self) -> bool {
        !matches!(self, Self::Other)
    }

    pub(crate) const fn may_be_task(self) -> bool {
        matches!(self, Self::Agent | Self::Workflow | Self::Model | Self::Tool | Self::Step)
    }

    pub(crate) fn of(name: &str, attributes: Attributes<'_>) -> Self {
        if let Some(role) = by_kind_of_claude_code(attributes) {
            return role;
        }
        if let Some(operation) = attributes.text("ai.operationId") {
            return by_vercel_operation(operation);
        }
        if let Some(kind) = attributes.text("openinference.span.kind") {
            return by_openinference_kind(kind);
        }
        if let Some(operation) = attributes.text("gen_ai.operation.name") {
            let role = by_operation(operation);
            // An operation of somebody's own naming that tells a model and its tokens is a call of it, and one that names a tool its use.
            let is_call = || attributes.text("gen_ai.request.model").is_some() && Usage::read(attributes).is_told();
            return match role {
                Self::Step if is_call() => Self::Model,
                Self::Step if attributes.text("gen_ai.tool.name").is_some() => Self::Tool,
                role => role,
            };
        }
        if let Some(kind) = TYPES.iter().find_map(|name| attributes.unquoted(name)) {
            return by_type(kind);
        }
        if let Some(kind) = attributes.text("traceloop.span.kind") {
            return match kind {
                "workflow" => Self::Workflow,
                "agent" => Self::Agent,
                "tool" => Self::Tool,
                _ => Self::Step,
            };
        }
        if ["gen_ai.request.model", "gen_ai.response.model", "llm.request.type", "llm.model_name"]
            .iter()
            .any(|name| attributes.text(name).is_some())
        {
            return Self::Model;
        }
        if attributes.text("gen_ai.tool.name").is_some() || attributes.text("tool.name").is_some() {
            return Self::Tool;
        }
        // An orchestrator names its workflow and counts it; a name alone is anybody's.
        if attributes.text("workflow.name").is_some() && attributes.text("workflow.id").is_some() {
            return Self::Workflow;
        }
        if let Some(template) = attributes.text("logfire.msg_template") {
            return by_template(template, attributes);
        }
        if let Some(role) = haystack::role(name, attributes) {
            return role;
        }
        by_name(name)
    }
}

fn by_operation(operation: &str) -> Role {
    match operation {
        "chat" | "text_completion" | "generate_content" | "embeddings" | "llm_call" | "completion" | "responses" => {
            Role::Model
        }
        "execute_tool" | "tool_call" | "retrieval" => Role::Tool,
        "invoke_agent" | "agent_call" | "agent.run" => Role::Agent,
        "invoke_workflow" | "workflow.run" => Role::Workflow,
        // Making an agent is not work, and everything else is a step of somebody's own naming.
        "create_agent" => Role::Other,
        _ => Role::Step,
    }
}

fn by_openinference_kind(kind: &str) -> Role {
    match kind {
        "LLM" | "EMBEDDING" => Role::Model,
        "TOOL" | "RETRIEVER" | "RERANKER" | "GUARDRAIL" | "EVALUATOR" => Role::Tool,
        "AGENT" => Role::Agent,
        _ => Role::Step,
    }
}

/// By which Langfuse, `MLflow` and Laminar name the type of a span.
const TYPES: &[&str] = &["langfuse.observation.type", "mlflow.spanType", "lmnr.span.type"];

fn by_type(kind: &str) -> Role {
    match kind.to_ascii_uppercase().as_str() {
        "GENERATION" | "LLM" | "CHAT_MODEL" | "EMBEDDING" => Role::Model,
        "TOOL" | "RETRIEVER" | "RERANKER" | "GUARDRAIL" | "EVALUATOR" => Role::Tool,
        "AGENT" => Role::Agent,
        // A moment, not a piece of work.
        "EVENT" => Role::Other,
        _ => Role::Step,
    }
}

fn by_vercel_operation(operation: &str) -> Role {
    if operation.ends_with(".doGenerate") || operation.ends_with(".doStream") || operation.ends_with(".doEmbed") {
        Role::Model
    } else if operation == "ai.toolCall" {
        Role::Tool
    } else {
        Role::Workflow
    }
}

/// Its spans name their own type; tools hold the wait for a person and the execution as children.
fn by_kind_of_claude_code(attributes: Attributes<'_>) -> Option<Role> {
    Some(match attributes.text("span.type")? {
        "interaction" => Role::Agent,
        "llm_request" => Role::Model,
        "tool" => Role::Tool,
        "tool.execution" => Role::Execution,
        "tool.blocked_on_user" => Role::Blocked,
        _ => return None,
    })
}

/// Logfire tells of the `OpenAI` Agents SDK by its templates alone.
fn by_template(template: &str, attributes: Attributes<'_>) -> Role {
    let begins = |with: &[&str]| with.iter().any(|start| template.starts_with(start));
    if attributes.text("sdk_span_type").is_some() {
        Role::Step
    } else if begins(&["Function: {name", "Handoff: {from_agent", "Guardrail {name"]) {
        Role::Tool
    } else if begins(&["Agent run: {name"]) {
        Role::Agent
    } else if begins(&["OpenAI Agents trace: {name"]) {
        Role::Workflow
    } else {
        by_name(template)
    }
}

/// Spans without any attribute still keep to the conventions in their names.
fn by_name(name: &str) -> Role {
    match name.split_once(' ').map(|(operation, _)| operation) {
        Some("execute_tool") => Role::Tool,
        Some("invoke_agent") => Role::Agent,
        Some("invoke_workflow") => Role::Workflow,
        Some("chat" | "text_completion" | "generate_content" | "embeddings") => Role::Model,
        _ => Role::Other,
    }
}
