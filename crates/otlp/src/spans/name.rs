//! What the board calls what a span tells of: by the name that people gave it, wherever it stands.

use std::borrow::Cow;

use super::told::Told;
use crate::role::Role;

/// By which emitters name an agent.
const AGENT_NAMES: &[&str] = &[
    "gen_ai.agent.name",
    "agent.name",
    "agent_name",
    "traceloop.entity.name",
    "agentops.entity.name",
    "confident.span.name",
    "graph.node.name",
    "entity.name",
];

impl Told<'_> {
    /// An agent that nobody named is what a framework puts around its agents.
    pub(super) fn is_frame(&self) -> bool {
        let is_named =
            || self.attributes.first_text(AGENT_NAMES).is_some() || self.span.name.starts_with("invoke_agent ");
        self.role == Role::Agent && !is_named()
    }

    /// Logfire names spans by their template, so that they can be grouped; names in it are filled in.
    fn span_name(&self) -> Cow<'_, str> {
        let name = self.span.name.as_str();
        if !name.contains('{') || self.attributes.text("logfire.msg_template").is_none() {
            return name.into();
        }
        let filled = ["name", "agent_name", "from_agent", "to_agent"].iter().fold(name.to_owned(), |name, what| {
            match self.attributes.text(what) {
                Some(text) => name.replace(&format!("{{{what}!r}}"), text).replace(&format!("{{{what}}}"), text),
                None => name,
            }
        });
        filled.into()
    }

    pub(super) fn name(&self) -> String {
        let span = &*self.span_name();
        let rest =
            |prefixes: &[&str]| prefixes.iter().find_map(|prefix| span.strip_prefix(prefix)).unwrap_or(span).to_owned();
        let given = |names: &[&str]| self.attributes.first_text(names).map(str::to_owned);
        match self.role {
            Role::Agent if self.is_prompt_of_claude_code() => "prompt".to_owned(),
            Role::Model if self.shared_scope() => "api_request".to_owned(),
            Role::Model => {
                self.call_name().or_else(|| given(&["haystack.component.type"])).unwrap_or_else(|| span.to_owned())
            }
            Role::Agent => given(AGENT_NAMES)
                .or_else(|| given(&["graph.node.id"]).filter(|id| is_name(id)))
                .unwrap_or_else(|| without_method(&rest(&["invoke_agent ", "Agent run: ", "agent_run "])).to_owned()),
            Role::Workflow => given(&["gen_ai.workflow.name", "ai.telemetry.functionId", "traceloop.entity.name"])
                .or_else(|| given(&["workflow.name"]).filter(|name| !ends_in_number(name)))
                .unwrap_or_else(|| rest(&["invoke_workflow ", "OpenAI Agents trace: "])),
            Role::Tool => given(&[
                "gen_ai.tool.name",
                "tool.name",
                "spring.ai.tool.definition.name",
                "ai.toolCall.name",
                "tool_name",
                "function_name",
                "haystack.tool.name",
                "traceloop.entity.name",
                "agentops.entity.name",
                "confident.span.name",
            ])
            .unwrap_or_else(|| rest(&["execute_tool ", "running tool: ", "Function: ", "tool_call "])),
            _ => span.to_owned(),
        }
    }

    /// The same for all who tell of one call, whatever they call their span.
    pub(super) fn call_name(&self) -> Option<String> {
        let operation = self.attributes.text("gen_ai.operation.name")?;
        let model = self.attributes.first_text(&["gen_ai.request.model", "gen_ai.response.model"])?;
        Some(format!("{operation} {model}"))
    }
}

/// Whether it is what people call something, rather than a number of its own.
fn is_name(id: &str) -> bool {
    id.len() < 16 || !id.chars().all(|letter| letter.is_ascii_hexdigit() || letter == '-')
}

/// Whether there is a UUID behind it, made anew each time.
fn ends_in_number(name: &str) -> bool {
    name.len() > 36 && name.get(name.len() - 36..).is_some_and(|end| !is_name(end))
}

/// `Researcher.kickoff` is `Researcher`, and `[adder]` is `adder`: the method by which an agent was called is none of its name.
fn without_method(name: &str) -> &str {
    const METHODS: &[&str] = &[
        "run",
        "arun",
        "run_sync",
        "run_stream",
        "stream",
        "invoke",
        "ainvoke",
        "kickoff",
        "execute",
        "_execute_core",
        "agent",
        "on_messages",
        "on_messages_stream",
    ];
    match name.rsplit_once('.') {
        Some((owner, method)) if !owner.is_empty() && !owner.contains('.') && METHODS.contains(&method) => owner,
        _ => name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_and_numbers_are_no_names() {
        assert_eq!(without_method("Researcher._execute_core"), "Researcher");
        assert_eq!(without_method("haystack.agent.run"), "haystack.agent.run");
        assert_eq!(without_method("v1.2"), "v1.2");
        assert_eq!(without_method("[adder]"), "adder");
        assert!(is_name("adder") && !is_name("213d34d4-18ed-47fd-af25-1d1b69cbe85a"));
        assert!(ends_in_number("Builder-213d34d4-18ed-47fd-af25-1d1b69cbe85a") && !ends_in_number("sums"));
    }
}
