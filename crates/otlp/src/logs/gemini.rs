//! Gemini CLI's records, and those of Qwen Code, which grew out of it. Neither tells of the end of a turn: see [`super::codex`].

use hiveboard_wire::{EventType, Scope, Severity};

use super::{Conversations, Record, UsedTool, failure_of, goes_on, prompted, refusal};
use crate::{
    draft::{Call, Draft, failed, note},
    preview,
};

/// `api_response` of `gemini_cli.api_response`, and whether its output holds what was thought.
pub(super) fn own_name(name: &str) -> Option<&str> {
    ["gemini_cli.", "qwen-code."].iter().find_map(|prefix| name.strip_prefix(prefix)).or(match name {
        "session.end" | "session.start" => Some(name),
        _ => None,
    })
}

/// Its last metrics are sent while it closes, and are no sign of a new life.
const FLUSH_SECONDS: i64 = 5;

fn session<'a>(record: &Record<'a>) -> &'a str {
    record.attributes.first_text(&["session.id", "sessionId"]).unwrap_or("session")
}

fn is_of_sub_agent(record: &Record<'_>) -> bool {
    record.attributes.text("role") == Some("subagent") || record.attributes.text("subagent_name").is_some()
}

pub(super) fn note_prompt(conversations: &mut Conversations, scope: Scope, record: &Record<'_>) {
    if own_name(record.name) == Some("user_prompt")
        && let Some(prompt) = record.attributes.text("prompt_id")
    {
        conversations.prompted(scope, session(record), record.at, prompt);
    }
}

pub(super) fn say(
    conversations: &Conversations,
    scope: Scope,
    record: &Record<'_>,
    name: &str,
    drafts: &mut Vec<Draft>,
) {
    let attributes = record.attributes;
    let session = session(record);
    let own = attributes.text("prompt_id").filter(|_| !is_of_sub_agent(record));
    let task = own.map_or_else(|| conversations.task_at(scope, session, record.at), Into::into);
    let ends = !is_of_sub_agent(record);
    match name {
        "user_prompt" => drafts.push(prompted(record, session, &task)),
        "api_request" => drafts.push(goes_on(record, session, &task, "goes on")),
        "api_response" => {
            let call = call(record, name_holds_thoughts(record.name));
            drafts.push(
                call.draft(call_id(record, session), record.at)
                    .of_task(&task)
                    .correlated(Some(session))
                    .below(Some(&task)),
            );
            if ends {
                drafts.push(record.draft(session, "end", EventType::TaskCompleted, &task));
            }
        }
        "api_error" => {
            let message =
                attributes.first_text(&["error.message", "error", "error_message"]).unwrap_or("the request failed");
            let kind = attributes.first_text(&["error_type", "error.type"]).unwrap_or("APIError");
            let failing = Call { error: Some(format!("{kind}: {}", preview::preview(message))), ..call(record, true) };
            drafts.push(
                failing
                    .draft(record.id(session, "llm"), record.at)
                    .of_task(&task)
                    .correlated(Some(session))
                    .below(Some(&task)),
            );
            if ends {
                let end = record.draft(session, "failed", EventType::TaskFailed, &task);
                drafts.push(failed(end, kind, &preview::preview(message)));
            }
        }
        "api_retry" => drafts.push(
            record
                .draft(session, "retry", EventType::RetryStarted, &task)
                .severe(Severity::Warn)
                .with("summary", "the request is tried again")
                .with("data", preview::others(attributes)),
        ),
        "tool_call" => say_tool(record, session, &task, drafts),
        "session.end" => {
            let (id, words) = (record.id(session, "goodbye"), "the session ended".to_owned());
            let goodbye = note(id, record.at.plus_seconds(FLUSH_SECONDS), "goodbye", words, serde_json::json!({}));
            drafts.push(goodbye.correlated(Some(session)));
        }
        _ => {}
    }
}

/// Qwen Code counts thoughts as output, Gemini CLI beside it.
fn name_holds_thoughts(name: &str) -> bool {
    name.starts_with("qwen-code.")
}

fn call_id(record: &Record<'_>, session: &str) -> String {
    match record.attributes.text("response_id") {
        Some(response) => format!("otlp:{session}:{response}:llm"),
        None => record.id(session, "llm"),
    }
}

fn call(record: &Record<'_>, output_holds_thoughts: bool) -> Call<'static> {
    let attributes = record.attributes;
    let thoughts = attributes.count("thoughts_token_count").filter(|count| *count > 0);
    let apart = if output_holds_thoughts { 0 } else { thoughts.unwrap_or(0) };
    let mut call = Call {
        name: attributes.text("role").map_or_else(|| "api_request".to_owned(), |role| format!("{role}: api_request")),
        model: attributes.text("model").map(str::to_owned),
        tokens_in: attributes.count("input_token_count"),
        tokens_out: attributes.count("output_token_count").map(|count| count + apart),
        duration_ms: record.duration_ms(),
        response_preview: record.open_text("response_text").map(Into::into),
        ..Call::default()
    };
    call.note("cache_read", attributes.count("cached_content_token_count").filter(|count| *count > 0));
    call.note("reasoning", thoughts);
    call.note("response_id", attributes.text("response_id"));
    call
}

fn say_tool(record: &Record<'_>, session: &str, task: &str, drafts: &mut Vec<Draft>) {
    let attributes = record.attributes;
    let name = attributes.text("function_name").unwrap_or("a tool");
    let made = format!("{name}:{}", record.at.micros());
    let id = attributes.text("call_id").unwrap_or(&made);
    drafts.push(Draft { timestamp: record.started_at(), ..goes_on(record, session, task, "goes on") });
    let refused = attributes.text("decision") == Some("reject");
    let used = UsedTool {
        event: format!("otlp:{session}:{id}"),
        id,
        name,
        failure: if refused { Some(refusal()) } else { failure_of(record) },
        arguments: record.open_text("function_args"),
        result: None,
    };
    used.say(record, session, task, drafts);
}
