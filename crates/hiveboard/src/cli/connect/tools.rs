//! What each coding agent wants to be told, and where. Found by running each of them.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::ValueEnum;
use serde_json::{Value, json};

use super::{Asked, edit::Form};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Tool {
    ClaudeCode,
    Codex,
    GeminiCli,
    QwenCode,
    Copilot,
    Opencode,
}

impl Tool {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::ClaudeCode => "claude-code",
            Self::Codex => "codex",
            Self::GeminiCli => "gemini-cli",
            Self::QwenCode => "qwen-code",
            Self::Copilot => "copilot",
            Self::Opencode => "opencode",
        }
    }

    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::ClaudeCode => "Claude Code",
            Self::Codex => "Codex",
            Self::GeminiCli => "Gemini CLI",
            Self::QwenCode => "Qwen Code",
            Self::Copilot => "Copilot CLI",
            Self::Opencode => "opencode",
        }
    }
}

/// One setting of a file.
#[derive(Debug)]
pub(super) struct Setting {
    pub(super) path: Vec<String>,
    pub(super) value: Value,
}

#[derive(Debug)]
pub(super) struct SettingsFile {
    pub(super) path: PathBuf,
    pub(super) form: Form,
    pub(super) settings: Vec<Setting>,
}

/// All that makes a coding agent report.
#[derive(Debug)]
pub(super) struct Wiring {
    pub(super) files: Vec<SettingsFile>,
    /// What only the environment can say.
    pub(super) exports: Vec<(&'static str, String)>,
    pub(super) notes: &'static [&'static str],
}

fn setting(path: &[&str], value: impl Into<Value>) -> Setting {
    Setting { path: path.iter().map(|&part| part.to_owned()).collect(), value: value.into() }
}

/// `Authorization=Bearer KEY` as the standard's variable wants it.
fn header(key: &str) -> String {
    format!("Authorization=Bearer {key}")
}

/// What the agent is called, by the standard's variable; `None` leaves it to the tool.
fn resource(asked: &Asked<'_>) -> anyhow::Result<Option<String>> {
    let name = match (asked.name, asked.project) {
        (Some(name), _) => name.to_owned(),
        (None, Some(project)) => folder_name(project)?,
        (None, None) => return Ok(None),
    };
    if name.contains([',', '=', '"', '\'', '\n']) {
        bail!(
            "the name {name:?} may not contain commas, equals signs, quotes or line ends; choose another with --name"
        );
    }
    Ok(Some(format!("hiveboard.agent_id={name}")))
}

fn folder_name(project: &Path) -> anyhow::Result<String> {
    let whole = project.canonicalize().with_context(|| format!("there is no folder {}", project.display()))?;
    let name = whole.file_name().context("the root folder has no name; give one with --name")?;
    Ok(name.to_string_lossy().into_owned())
}

pub(super) fn wiring(tool: Tool, asked: &Asked<'_>) -> anyhow::Result<Wiring> {
    if asked.project.is_some() && !matches!(tool, Tool::ClaudeCode | Tool::GeminiCli | Tool::QwenCode) {
        bail!(
            "{} reads no such settings of a folder; leave out --project, and name the agent with --name",
            tool.title()
        );
    }
    let resource = resource(asked)?;
    let wiring = match tool {
        Tool::ClaudeCode => claude_code(asked, resource),
        Tool::Codex => codex(asked, resource),
        Tool::GeminiCli => gemini(asked, resource, ".gemini"),
        Tool::QwenCode => gemini(asked, resource, ".qwen"),
        Tool::Copilot => copilot(asked, resource),
        Tool::Opencode => opencode(asked, resource),
    };
    Ok(wiring)
}

fn claude_code(asked: &Asked<'_>, resource: Option<String>) -> Wiring {
    let env = |name: &str, value: &str| setting(&["env", name], value);
    let mut settings = vec![
        env("CLAUDE_CODE_ENABLE_TELEMETRY", "1"),
        env("OTEL_LOGS_EXPORTER", "otlp"),
        env("OTEL_METRICS_EXPORTER", "otlp"),
        env("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
        env("OTEL_EXPORTER_OTLP_ENDPOINT", asked.url),
        env("OTEL_EXPORTER_OTLP_HEADERS", &header(asked.key)),
        // Waits for a person, and attempts that were made again, are told by traces alone.
        env("CLAUDE_CODE_ENHANCED_TELEMETRY_BETA", "1"),
        env("OTEL_TRACES_EXPORTER", "otlp"),
    ];
    settings.extend(resource.map(|resource| env("OTEL_RESOURCE_ATTRIBUTES", &resource)));
    let path = match asked.project {
        Some(project) => project.join(".claude/settings.local.json"),
        None => asked.home.join(".claude/settings.json"),
    };
    Wiring {
        files: vec![SettingsFile { path, form: Form::Json, settings }],
        exports: Vec::new(),
        notes: &[
            "prompts stay at home: set OTEL_LOG_USER_PROMPTS=1 to send them, OTEL_LOG_TOOL_DETAILS=1 for names of files and commands.",
            "an idle Claude Code sends nothing: its silence means nothing, and a wait for you is told once you have answered.",
        ],
    }
}

fn codex(asked: &Asked<'_>, resource: Option<String>) -> Wiring {
    let to = |path: &str| {
        json!({"otlp-http": {
            "endpoint": format!("{}{path}", asked.url), "protocol": "binary",
            "headers": {"authorization": format!("Bearer {}", asked.key)},
        }})
    };
    let settings = vec![setting(&["otel", "exporter"], to("/v1/logs"))];
    Wiring {
        files: vec![SettingsFile { path: asked.home.join(".codex/config.toml"), form: Form::Toml, settings }],
        exports: resource.map(|resource| ("OTEL_RESOURCE_ATTRIBUTES", resource)).into_iter().collect(),
        notes: &[
            "Codex sends commands and their output in full, whatever `log_user_prompt` says.",
            "a `codex exec` that fails sends nothing of its end: such a task stays open, and then becomes stuck.",
        ],
    }
}

/// Gemini CLI, and Qwen Code, which grew out of it.
fn gemini(asked: &Asked<'_>, resource: Option<String>, folder: &str) -> Wiring {
    let base = asked.project.unwrap_or(asked.home).join(folder);
    let telemetry = |name: &str, value: Value| setting(&["telemetry", name], value);
    let settings = vec![
        telemetry("enabled", json!(true)),
        telemetry("target", json!("local")),
        telemetry("otlpEndpoint", json!(asked.url)),
        telemetry("otlpProtocol", json!("http")),
        telemetry("logPrompts", json!(false)),
    ];
    let mut variables = vec![setting(&["OTEL_EXPORTER_OTLP_HEADERS"], header(asked.key))];
    variables.extend(resource.map(|resource| setting(&["OTEL_RESOURCE_ATTRIBUTES"], resource)));
    Wiring {
        files: vec![
            SettingsFile { path: base.join("settings.json"), form: Form::Json, settings },
            SettingsFile { path: base.join(".env"), form: Form::Variables, settings: variables },
        ],
        exports: Vec::new(),
        notes: &["it sends metrics every ten seconds, also while idle: when they stop, the agent becomes stuck."],
    }
}

fn copilot(asked: &Asked<'_>, resource: Option<String>) -> Wiring {
    let mut exports = vec![
        ("COPILOT_OTEL_ENABLED", "true".to_owned()),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", asked.url.to_owned()),
        ("OTEL_EXPORTER_OTLP_HEADERS", header(asked.key)),
    ];
    exports.extend(resource.map(|resource| ("OTEL_RESOURCE_ATTRIBUTES", resource)));
    Wiring {
        files: Vec::new(),
        exports,
        notes: &["Copilot CLI sends late: a run that is killed in its first half minute has sent nothing."],
    }
}

fn opencode(asked: &Asked<'_>, resource: Option<String>) -> Wiring {
    let path = asked.home.join(".config/opencode/opencode.json");
    let settings = vec![setting(&["experimental", "openTelemetry"], json!(true))];
    let mut exports =
        vec![("OTEL_EXPORTER_OTLP_ENDPOINT", asked.url.to_owned()), ("OTEL_EXPORTER_OTLP_HEADERS", header(asked.key))];
    exports.extend(resource.map(|resource| ("OTEL_RESOURCE_ATTRIBUTES", resource)));
    Wiring {
        files: vec![SettingsFile { path, form: Form::Json, settings }],
        exports,
        notes: &[
            "`opencode run` exits without sending its last spans: such a task stays open, and then becomes stuck.",
        ],
    }
}
