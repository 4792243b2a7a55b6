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
        // What is under way is told once more when it has ended.
        if attributes.text("logfire.span_type") == Some("pending_span") {
            return Self::Other;
        }
        if let Some(operation) = attributes.text("ai.operationId") {
            return by_vercel_operation(operation);
        }
        if let Some(kind) = attributes.text("openinference.span.kind") {
            return match by_type(kind) {
                Self::Model if is_preparation(name, attributes) => Self::Step,
                role => role,
            };
        }
        let operation = attributes.text("gen_ai.operation.name");
        if let Some(role) = operation.and_then(by_operation) {
            return role;
        }
        let kind = TYPES.iter().find_map(|name| attributes.unquoted(name)).map(by_type).or_else(|| {
            let mut roles = TYPES_OF_ANYBODY.iter().filter_map(|name| attributes.text(name)).map(by_type);
            roles.find(|role| !matches!(role, Self::Step | Self::Other))
        });
        match kind {
            None | Some(Self::Step) => {}
            Some(role) => return role,
        }
        // An operation or a step of somebody's own naming that tells a model and its tokens is a call of it, and one that names a tool its use.
        let names_model = || MODELS.iter().any(|name| attributes.text(name).is_some());
        let is_step = operation.is_some() || kind.is_some();
        if names_model() && (!is_step || Usage::read(attributes).is_told()) {
            return Self::Model;
        }
        if attributes.text("gen_ai.tool.name").is_some() || attributes.text("tool.name").is_some() {
            return Self::Tool;
        }
        if is_step {
            return Self::Step;
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

/// What names a model that was called.
const MODELS: &[&str] = &["gen_ai.request.model", "gen_ai.response.model", "llm.request.type", "llm.model_name"];

/// By the names of the conventions; `None` for an operation of somebody's own naming.
fn by_operation(operation: &str) -> Option<Role> {
    Some(match operation {
        "chat" | "chat_streaming" | "text_completion" | "completion" | "generate_content" | "responses"
        | "llm_call" | "embeddings" | "embedding" | "image" | "image_generation" | "generate_image" | "audio"
        | "speech" | "text_to_speech" | "transcription" | "speech_to_text" => Role::Model,
        "execute_tool" | "tool_call" | "retrieval" | "rerank" => Role::Tool,
        "invoke_agent" | "agent_call" | "agent.run" => Role::Agent,
        "invoke_workflow" | "workflow.run" | "conversation" => Role::Workflow,
        "await_human_input" | "human_input" | "request_approval" => Role::Blocked,
        // Making an agent is not work.
        "create_agent" => Role::Other,
        _ => return None,
    })
}

/// What clients do around a call by a method of their own (`_prepare_chat_with_tools`) is traced as if it were one.
fn is_preparation(name: &str, attributes: Attributes<'_>) -> bool {
    let is_private =
        name.rsplit_once('.').is_some_and(|(_, method)| method.starts_with('_') && !method.starts_with("__"));
    is_private && !Usage::read(attributes).is_told()
}

/// By which senders name the type of a span, in words that mean the same.
const TYPES: &[&str] = &[
    "langfuse.observation.type",
    "mlflow.spanType",
    "lmnr.span.type",
    "traceloop.span.kind",
    "langsmith.span.kind",
    "langwatch.span.type",
    "confident.span.type",
    "agentops.span.kind",
    "ag2.span.type",
    "mastra.span.type",
    "honeyhive_event_type",
    "genkit:metadata:subtype",
    "genkit:type",
    "spring.ai.kind",
];

/// The same by names that others use for types of their own, of which nothing follows.
const TYPES_OF_ANYBODY: &[&str] = &["span.type", "entity.type"];

fn by_type(kind: &str) -> Role {
    match kind.to_ascii_uppercase().as_str() {
        "GENERATION" | "LLM" | "CHAT_MODEL" | "EMBEDDING" | "EMBEDDER" | "MODEL" | "MODEL_GENERATION" => Role::Model,
        "TOOL" | "TOOL_CALL" | "MCP_TOOL_CALL" | "TOOL.V2" | "RETRIEVER" | "RERANKER" | "GUARDRAIL" | "EVALUATOR"
        | "HANDOFF" => Role::Tool,
        "AGENT" | "AGENT_RUN" => Role::Agent,
        "WORKFLOW" | "WORKFLOW_RUN" => Role::Workflow,
        "HUMAN_INPUT" => Role::Blocked,
        // A moment, or what others told already, and no piece of work.
        "EVENT" | "MODEL_CHUNK" | "USAGE" => Role::Other,
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
pub(crate) fn by_name(name: &str) -> Role {
    match name.split_once(' ').map(|(operation, _)| operation) {
        Some("execute_tool") => Role::Tool,
        Some("invoke_agent" | "agent_run") => Role::Agent,
        Some("invoke_workflow") => Role::Workflow,
        Some("chat" | "text_completion" | "generate_content" | "embeddings") => Role::Model,
        _ => Role::Other,
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value::Value};

    use super::*;

    fn of(name: &str, told: &[(&str, &str)]) -> Role {
        let one = |(key, text): &(&str, &str)| KeyValue {
            key: (*key).to_owned(),
            value: Some(AnyValue { value: Some(Value::StringValue((*text).to_owned())) }),
            ..KeyValue::default()
        };
        let list: Vec<KeyValue> = told.iter().map(one).collect();
        Role::of(name, Attributes::of(&list))
    }

    #[test]
    fn types_that_anybody_may_use_say_nothing_but_what_is_of_agents() {
        assert_eq!(of("POST /", &[("span.type", "web")]), Role::Other);
        assert_eq!(of("s", &[("entity.type", "SERVICE")]), Role::Other);
        assert_eq!(of("llm", &[("span.type", "llm"), ("entity.type", "agent")]), Role::Model);
        assert_eq!(of("adder", &[("entity.type", "agent")]), Role::Agent);
    }

    #[test]
    fn an_operation_of_ones_own_naming_is_what_else_is_said() {
        assert_eq!(of("x", &[("gen_ai.operation.name", "framework"), ("spring.ai.kind", "tool_call")]), Role::Tool);
        assert_eq!(of("x", &[("gen_ai.operation.name", "mine"), ("gen_ai.request.model", "m")]), Role::Step);
        let called =
            [("gen_ai.operation.name", "mine"), ("gen_ai.request.model", "m"), ("gen_ai.usage.input_tokens", "5")];
        assert_eq!(of("x", &called), Role::Model);
        assert_eq!(of("x", &[("gen_ai.operation.name", "mine"), ("gen_ai.tool.name", "t")]), Role::Tool);
        assert_eq!(of("x", &[("gen_ai.operation.name", "create_agent")]), Role::Other);
    }

    #[test]
    fn what_prepares_a_call_is_none() {
        assert_eq!(of("Client._prepare", &[("openinference.span.kind", "LLM")]), Role::Step);
        assert_eq!(of("LM.__call__", &[("openinference.span.kind", "LLM")]), Role::Model);
        assert_eq!(of("chat", &[("openinference.span.kind", "llm")]), Role::Model);
    }
}
