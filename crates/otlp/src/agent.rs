//! Which agent a resource is.

use std::cmp::Reverse;

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
        // Of those that say as much, the first.
        scopes.filter_map(framework).min_by_key(|name| Reverse(rank(name))).map(str::to_owned)
    };
    Identity {
        agent_id: text(&["hiveboard.agent_id"])
            .or_else(|| service.clone().filter(|service| !service.starts_with(UNKNOWN_SERVICE)))
            .or_else(|| text(INSTEAD_OF_SERVICE))
            .or(service)
            .unwrap_or_else(|| UNKNOWN_SERVICE.to_owned()),
        agent_type: text(&["hiveboard.agent_type"])
            .unwrap_or_else(|| if is_coding { "coding" } else { "general" }.to_owned()),
        agent_version: text(&["service.version"]),
        framework: framework.unwrap_or_else(|| UNKNOWN_FRAMEWORK.to_owned()),
        runtime: text(&["process.runtime.name", "telemetry.sdk.language"]),
        sdk_version: format!("otlp {}", text(&["telemetry.sdk.version"]).unwrap_or_default()).trim_end().to_owned(),
        instance_id: text(&["service.instance.id"]),
        environment: text(&["deployment.environment.name", "deployment.environment"]),
        group: text(&["hiveboard.group", "service.namespace"]),
    }
    .bounded()
}

/// What SDKs call a service that nobody has named, sometimes with its executable behind it.
const UNKNOWN_SERVICE: &str = "unknown_service";

/// What else may tell people which program it is.
const INSTEAD_OF_SERVICE: &[&str] = &[
    "openinference.project.name",
    "faas.name",
    "k8s.deployment.name",
    "k8s.statefulset.name",
    "aws.ecs.task.family",
    "container.name",
];

const UNKNOWN_FRAMEWORK: &str = "opentelemetry";

/// Whether a framework says less than another: a client of models less than what agents are built with, and nothing least.
pub(crate) fn says_less(framework: &str, than: &str) -> bool {
    rank(framework) < rank(than)
}

/// Clients of models: an agent that is seen by them alone is named by them, else by what it is built with.
const CLIENTS: &[&str] = &[
    "openai",
    "openai_v2",
    "anthropic",
    "litellm",
    "bedrock",
    "botocore",
    "cohere",
    "google_genai",
    "google_generativeai",
    "groq",
    "mistralai",
    "ollama",
    "vertexai",
];

/// Told where an agent is traced by hand: more than a client of models, less than a framework.
const TRACERS: &[&str] =
    &["agentops", "deepeval", "laminar", "langfuse", "langsmith", "langwatch", "mcp", "mlflow", "openlit", "traceloop"];

fn rank(framework: &str) -> u8 {
    match framework {
        UNKNOWN_FRAMEWORK => 0,
        client if CLIENTS.contains(&client) => 1,
        tracer if TRACERS.contains(&tracer) => 2,
        _ => 3,
    }
}

/// Transport, not a way to build agents.
const TRANSPORT: &[&str] = &[
    "httpx",
    "requests",
    "urllib",
    "urllib3",
    "aiohttp",
    "aiohttp_client",
    "fastapi",
    "starlette",
    "flask",
    "asgi",
    "wsgi",
    "django",
    "logging",
    "sqlalchemy",
    "sqlite3",
    "psycopg",
    "psycopg2",
    "asyncpg",
    "redis",
    "pymongo",
    "grpc",
    "celery",
    "threading",
    "asyncio",
    "system_metrics",
    "tornado",
    "pika",
    "kafka",
    "http",
    "undici",
    "fetch",
    "express",
    "koa",
    "hapi",
    "net",
    "dns",
    "fs",
    "pg",
    "mysql",
    "mysql2",
    "mongodb",
    "ioredis",
    "nestjs-core",
    "pino",
    "winston",
];

/// Scopes of frameworks and clients that trace themselves.
const OWN_SCOPES: &[(&str, &str)] = &[
    ("ai", "vercel-ai-sdk"),
    ("gcp.vertex.agent", "google-adk"),
    ("pydantic-ai", "pydantic-ai"),
    ("strands.telemetry", "strands"),
    ("@mastra/otel", "mastra"),
    ("@mastra/otel-exporter", "mastra"),
    ("agent_framework", "agent-framework"),
    ("semantic_kernel", "semantic-kernel"),
    ("haystack", "haystack"),
    ("langfuse-sdk", "langfuse"),
    ("mlflow", "mlflow"),
    ("traceloop.tracer", "traceloop"),
    ("langsmith", "langsmith"),
    ("lmnr.tracer", "laminar"),
    ("autogen-core", "autogen"),
    ("autogen SingleThreadedAgentRuntime", "autogen"),
    ("com.anthropic.sdk", "anthropic"),
    ("genkit-tracer", "genkit"),
    ("litellm", "litellm"),
    ("openlit", "openlit"),
    ("fastmcp", "fastmcp"),
    ("mcp-python-sdk", "mcp"),
    ("crewAI-telemetry", "crewai"),
    ("@voltagent/core", "voltagent"),
    ("@traceloop/node-server-sdk", "traceloop"),
    ("langwatch", "langwatch"),
    ("Microsoft.SemanticKernel", "semantic-kernel"),
    ("Microsoft.Agents.AI", "agent-framework"),
    ("Experimental.Microsoft.Agents.AI", "agent-framework"),
    ("Microsoft.Extensions.AI", "microsoft-extensions-ai"),
    ("Experimental.Microsoft.Extensions.AI", "microsoft-extensions-ai"),
    ("io.quarkiverse.langchain4j", "langchain4j"),
    ("dev.langchain4j", "langchain4j"),
    ("org.springframework", "spring-ai"),
    ("azure.ai", "azure-ai"),
    ("deepeval", "deepeval"),
    ("agentops", "agentops"),
];

/// Others call by other names what is the same.
const SAME: &[(&str, &str)] = &[
    ("autogen_agentchat", "autogen"),
    ("llamaindex", "llama_index"),
    ("google_generativeai", "google_genai"),
    ("google-genai", "google_genai"),
];

/// Whether it is that scope, or one of those below it.
fn is_within(scope: &str, own: &str) -> bool {
    scope.strip_prefix(own).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// `opentelemetry.instrumentation.langchain` is `langchain`; a scope that is no instrumentation of a framework is none.
fn framework(scope: &str) -> Option<&str> {
    if let Some((_, name)) = OWN_SCOPES.iter().find(|(own, _)| is_within(scope, own)) {
        return Some(name);
    }
    let rest = [
        "opentelemetry.instrumentation.genai.",
        "opentelemetry.instrumentation.",
        "openinference.instrumentation.",
        "@arizeai/openinference-instrumentation-",
        "@traceloop/instrumentation-",
        "@opentelemetry/instrumentation-",
        "logfire.",
    ]
    .iter()
    .find_map(|prefix| scope.strip_prefix(prefix))?;
    let name = rest.split('.').next()?;
    let name = SAME.iter().find(|(other, _)| *other == name).map_or(name, |(_, name)| name);
    (!name.is_empty() && !TRANSPORT.contains(&name)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::{framework, identity};
    use crate::attributes::Attributes;

    #[test]
    fn what_an_agent_is_built_with_comes_before_its_client() {
        let of = |scopes: &[&'static str]| identity(Attributes::of(&[]), scopes.iter().copied()).framework;
        assert_eq!(of(&["openinference.instrumentation.litellm", "openinference.instrumentation.dspy"]), "dspy");
        assert_eq!(of(&["my.app", "openinference.instrumentation.litellm"]), "litellm");
        assert_eq!(of(&["my.app"]), "opentelemetry");
    }

    #[test]
    fn frameworks_are_named_by_their_instrumentation() {
        assert_eq!(framework("openinference.instrumentation.openai_agents"), Some("openai_agents"));
        assert_eq!(framework("opentelemetry.instrumentation.openai.v1"), Some("openai"));
        assert_eq!(framework("opentelemetry.instrumentation.genai.anthropic"), Some("anthropic"));
        assert_eq!(framework("opentelemetry.instrumentation.httpx"), None);
        assert_eq!(framework("strands.telemetry.tracer"), Some("strands"));
        assert_eq!(framework("logfire.openai"), Some("openai"));
        assert_eq!(framework("logfire"), None);
        assert_eq!(framework("opentelemetry.instrumentation.sqlalchemy"), None);
        assert_eq!(framework("my.app"), None);
        assert_eq!(framework("aiohttp.server"), None);
    }
}
