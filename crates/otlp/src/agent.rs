//! Which agent a resource is.

use crate::{attributes::Attributes, batch::Identity};

/// What the command-line agents call themselves; they are told apart from services.
const CODING_AGENTS: &[&str] = &[
    "claude-code",
    "codex_exec",
    "codex-app-server",
    "codex_cli_rs",
    "gemini-cli",
    "qwen-code",
    "github-copilot",
    "opencode",
];

/// `scopes`: the instrumentation scopes of what it sent, for the name of its framework.
pub(crate) fn identity<'a>(resource: Attributes<'_>, scopes: impl Iterator<Item = &'a str>) -> Identity {
    let text = |names: &[&str]| resource.first_text(names).map(str::to_owned);
    let service = text(&["service.name"]);
    let is_coding = service.as_deref().is_some_and(|service| CODING_AGENTS.contains(&service));
    let framework = if is_coding {
        service.clone()
    } else {
        let mut scopes = scopes.filter_map(framework);
        scopes.next().map(str::to_owned)
    };
    Identity {
        agent_id: text(&["hiveboard.agent_id"]).or(service).unwrap_or_else(|| "unknown_service".to_owned()),
        agent_type: text(&["hiveboard.agent_type"])
            .unwrap_or_else(|| if is_coding { "coding" } else { "general" }.to_owned()),
        agent_version: text(&["service.version"]),
        framework: framework.unwrap_or_else(|| "opentelemetry".to_owned()),
        runtime: text(&["process.runtime.name", "telemetry.sdk.language"]),
        sdk_version: format!("otlp {}", text(&["telemetry.sdk.version"]).unwrap_or_default()).trim_end().to_owned(),
        instance_id: text(&["service.instance.id"]),
        environment: text(&["deployment.environment.name", "deployment.environment"]),
        group: text(&["hiveboard.group", "service.namespace"]),
    }
    .bounded()
}

/// Transport, not a way to build agents.
const TRANSPORT: &[&str] =
    &["httpx", "requests", "urllib3", "aiohttp", "fastapi", "flask", "asgi", "wsgi", "django", "logging"];

/// `opentelemetry.instrumentation.langchain` is `langchain`; a scope that is no instrumentation of a framework is none.
fn framework(scope: &str) -> Option<&str> {
    match scope {
        "ai" => return Some("vercel-ai-sdk"),
        "gcp.vertex.agent" => return Some("google-adk"),
        "pydantic-ai" => return Some("pydantic-ai"),
        _ => {}
    }
    let rest =
        ["opentelemetry.instrumentation.genai.", "opentelemetry.instrumentation.", "openinference.instrumentation."]
            .iter()
            .find_map(|prefix| scope.strip_prefix(prefix))?;
    let name = rest.split('.').next()?;
    (!name.is_empty() && !TRANSPORT.contains(&name)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::framework;

    #[test]
    fn frameworks_are_named_by_their_instrumentation() {
        assert_eq!(framework("openinference.instrumentation.openai_agents"), Some("openai_agents"));
        assert_eq!(framework("opentelemetry.instrumentation.openai.v1"), Some("openai"));
        assert_eq!(framework("opentelemetry.instrumentation.genai.anthropic"), Some("anthropic"));
        assert_eq!(framework("opentelemetry.instrumentation.httpx"), None);
        assert_eq!(framework("my.app"), None);
    }
}
