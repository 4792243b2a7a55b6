//! Claude Code's records: a prompt is a task, a request a model call, a tool an action, a person's decision an approval.
//!
//! With traces on, its spans tell of the same calls and tools: both name them alike, so that each is stored once. What only one of both
//! tells well is taken from that one: costs from the records, waits, attempts and ends from the spans.

use hiveboard_wire::{EventType, Severity};
use serde_json::json;

use super::{Record, UsedTool, answered, failure_of, prompted, refusal};
use crate::{
    draft::{Call, Draft, failed, note},
    preview,
};

/// Prompts by which nothing is asked.
const IDLE_COMMANDS: &[&str] = &["exit", "quit", "clear", "help", "config", "model", "status"];
/// Told at every start, whatever is done.
const NOISE: &[&str] =
    &["plugin_loaded", "managed_settings_resolved", "retention_sweep", "mcp_server_connection", "skill_activated"];

pub(super) fn say(record: &Record<'_>, drafts: &mut Vec<Draft>) {
    let session = record.attributes.text("session.id").unwrap_or("session");
    let Some(task) = record.trace.as_deref().or_else(|| record.attributes.text("prompt.id")) else {
        if !NOISE.contains(&record.name) {
            say_note(record, session, None, drafts);
        }
        return;
    };
    match record.name {
        "user_prompt" => say_prompt(record, session, task, drafts),
        "api_request" => drafts.push(
            call(record)
                .draft(call_id(record, session), record.at)
                .of_task(task)
                .correlated(Some(session))
                .below(Some(task)),
        ),
        // With traces on, the prompt's span tells of its end, and each request's of its attempts.
        "api_error" | "assistant_response" | "api_retries_exhausted" if record.trace.is_some() => {}
        "api_error" => say_error(record, session, task, drafts),
        "tool_decision" => say_decision(record, session, task, drafts),
        "tool_result" => say_result(record, session, task, drafts),
        "assistant_response" if !is_of_sub_agent(record) => {
            drafts.push(
                record
                    .draft(session, "end", EventType::TaskCompleted, task)
                    .with_some("output", record.open_text("response")),
            );
        }
        noise if NOISE.contains(&noise) => {}
        _ => say_note(record, session, Some(task), drafts),
    }
}

fn is_of_sub_agent(record: &Record<'_>) -> bool {
    record.attributes.text("query_source").is_some_and(|source| source.starts_with("agent:"))
}

fn say_note(record: &Record<'_>, session: &str, task: Option<&str>, drafts: &mut Vec<Draft>) {
    let draft = note(
        record.id(session, "note"),
        record.at,
        record.name,
        record.name.replace('_', " "),
        preview::others(record.attributes),
    )
    .correlated(Some(session));
    drafts.push(match task {
        Some(task) => draft.of_task(task),
        None => draft,
    });
}

fn say_prompt(record: &Record<'_>, session: &str, task: &str, drafts: &mut Vec<Draft>) {
    if record.attributes.text("command_name").is_some_and(|command| IDLE_COMMANDS.contains(&command)) {
        return;
    }
    drafts.push(prompted(record, session, task));
}

fn call_id(record: &Record<'_>, session: &str) -> String {
    match record.attributes.text("request_id") {
        Some(request) => format!("otlp:call:{request}:llm"),
        None => record.id(session, "llm"),
    }
}

fn call(record: &Record<'_>) -> Call<'static> {
    let attributes = record.attributes;
    let count = |name| attributes.count(name);
    let cache = (count("cache_read_tokens"), count("cache_creation_tokens"));
    let mut call = Call {
        name: attributes
            .text("agent.name")
            .map_or_else(|| "api_request".to_owned(), |agent| format!("{agent}: api_request")),
        model: attributes.text("model").map(str::to_owned),
        // Its figure for input leaves out what was read from and written to the cache.
        tokens_in: count("input_tokens").map(|plain| plain + cache.0.unwrap_or(0) + cache.1.unwrap_or(0)),
        tokens_out: count("output_tokens"),
        cost_dollars: attributes.number("cost_usd").filter(|dollars| *dollars >= 0.0),
        duration_ms: record.duration_ms(),
        ..Call::default()
    };
    let some = |count: Option<u64>| count.filter(|count| *count > 0);
    call.note("cache_read", some(cache.0));
    call.note("cache_write", some(cache.1));
    call.note("cache_write_1h", some(count("cache_creation_1h_tokens")));
    call.note("response_id", attributes.text("request_id"));
    call.note("query_source", attributes.text("query_source"));
    call.note("provider", Some("anthropic"));
    call
}

/// Told once, when a request is given up.
fn say_error(record: &Record<'_>, session: &str, task: &str, drafts: &mut Vec<Draft>) {
    let status = record
        .attributes
        .first_text(&["status_code"])
        .map(str::to_owned)
        .or_else(|| record.attributes.count("status_code").map(|code| code.to_string()));
    let message = record.attributes.text("error").unwrap_or("the request failed");
    let kind = status.map_or_else(|| "APIError".to_owned(), |status| format!("APIError {status}"));
    let failing = Call { error: Some(format!("{kind}: {}", preview::preview(message))), ..call(record) };
    drafts.push(
        failing.draft(record.id(session, "llm"), record.at).of_task(task).correlated(Some(session)).below(Some(task)),
    );
    for attempt in 2..=record.attributes.count("attempt").unwrap_or(1).min(20) {
        drafts.push(
            record
                .draft(session, &format!("attempt:{attempt}"), EventType::RetryStarted, task)
                .severe(Severity::Warn)
                .with("summary", "the request was tried again")
                .with("data", json!({"attempt": attempt})),
        );
    }
    if !is_of_sub_agent(record) {
        drafts.push(failed(
            record.draft(session, "failed", EventType::TaskFailed, task),
            &kind,
            &preview::preview(message),
        ));
    }
}

fn say_decision(record: &Record<'_>, session: &str, task: &str, drafts: &mut Vec<Draft>) {
    let attributes = record.attributes;
    let tool = attributes.text("tool_name").unwrap_or("a tool");
    let accepted = attributes.text("decision") != Some("reject");
    if record.trace.is_none() && attributes.text("source").is_some_and(|source| source.starts_with("user")) {
        answered(record, session, task, tool, accepted, drafts);
    }
    let Some(id) = attributes.text("tool_use_id") else { return };
    let start = Draft::new(format!("otlp:call:{id}:start"), EventType::ActionStarted, record.at);
    drafts.push(start.of_task(task).correlated(Some(session)).action(id, None).with("action_name", tool));
    if !accepted {
        let end = Draft::new(format!("otlp:call:{id}:end"), EventType::ActionFailed, record.at);
        let end = end.of_task(task).correlated(Some(session)).action(id, None).with("action_name", tool);
        let (kind, message) = refusal();
        drafts.push(failed(end, &kind, &message));
    }
}

fn say_result(record: &Record<'_>, session: &str, task: &str, drafts: &mut Vec<Draft>) {
    let attributes = record.attributes;
    let Some(id) = attributes.text("tool_use_id") else { return say_note(record, session, Some(task), drafts) };
    let used = UsedTool {
        event: format!("otlp:call:{id}"),
        id,
        name: attributes.text("tool_name").unwrap_or("a tool"),
        failure: failure_of(record),
        arguments: record.open_text("tool_parameters").or_else(|| record.open_text("tool_input")),
        result: None,
    };
    used.say(record, session, task, drafts);
}
