//! Codex' records. It tells of no end of a turn: a turn is at its end when a model answered and nothing followed, so each answer ends
//! the task and whatever follows goes on with it.

use hiveboard_wire::{EventType, Scope, Severity};
use serde_json::json;

use super::{Conversations, Record, UsedTool, answered, failure_of, goes_on, prompted};
use crate::{
    draft::{Call, Draft, failed},
    preview,
};

pub(super) fn note_prompt(conversations: &mut Conversations, scope: Scope, record: &Record<'_>) {
    if record.name == "codex.user_prompt"
        && let Some(conversation) = record.attributes.text("conversation.id")
    {
        let task = format!("{conversation}:{}", record.at.micros() / 1_000);
        conversations.prompted(scope, conversation, record.at, &task);
    }
}

pub(super) fn say(conversations: &Conversations, scope: Scope, record: &Record<'_>, drafts: &mut Vec<Draft>) {
    let attributes = record.attributes;
    let Some(conversation) = attributes.text("conversation.id") else { return };
    let task = conversations.task_at(scope, conversation, record.at);
    match record.name {
        "codex.user_prompt" => drafts.push(prompted(record, conversation, &task)),
        "codex.api_request" => {
            drafts.push(goes_on(record, conversation, &task, "goes on"));
            if let Some(status) = attributes.count("http.response.status_code").filter(|status| *status >= 400) {
                drafts.push(
                    record
                        .draft(conversation, "retry", EventType::RetryStarted, &task)
                        .severe(Severity::Warn)
                        .with("summary", format!("the request was answered {status}"))
                        .with("data", json!({"reason": attributes.text("error.message")})),
                );
            }
        }
        "codex.sse_event" if attributes.text("event.kind") == Some("response.completed") => {
            say_answer(record, conversation, &task, drafts);
        }
        "codex.tool_decision" => {
            drafts.push(goes_on(record, conversation, &task, "goes on"));
            if attributes.text("source") == Some("User") {
                let accepted = attributes.text("decision").is_some_and(|decision| decision.starts_with("approved"));
                let tool = attributes.text("tool_name").unwrap_or("a tool");
                answered(record, conversation, &task, tool, accepted, drafts);
            }
        }
        "codex.tool_result" => say_result(record, conversation, &task, drafts),
        _ => {}
    }
}

fn say_answer(record: &Record<'_>, conversation: &str, task: &str, drafts: &mut Vec<Draft>) {
    let attributes = record.attributes;
    let error = attributes.text("error.message");
    let tokens_in = attributes.count("input_token_count");
    // One of the two events of an answer holds its usage.
    if tokens_in.is_none() && error.is_none() {
        return;
    }
    let mut call = Call {
        name: "response".to_owned(),
        model: attributes.text("model").map(str::to_owned),
        tokens_in,
        tokens_out: attributes.count("output_token_count"),
        duration_ms: record.duration_ms(),
        error: error.map(|error| preview::preview(error).into_owned()),
        ..Call::default()
    };
    let some = |name| attributes.count(name).filter(|count| *count > 0);
    call.note("cache_read", some("cached_token_count"));
    call.note("cache_write", some("cache_write_token_count"));
    call.note("reasoning", some("reasoning_token_count"));
    call.note("provider", Some("openai"));
    drafts.push(
        call.draft(record.id(conversation, "llm"), record.at)
            .of_task(task)
            .correlated(Some(conversation))
            .below(Some(task)),
    );
    drafts.push(match error {
        Some(error) => {
            let end = record.draft(conversation, "end", EventType::TaskFailed, task);
            failed(end, "StreamError", &preview::preview(error))
        }
        None => record.draft(conversation, "end", EventType::TaskCompleted, task),
    });
}

fn say_result(record: &Record<'_>, conversation: &str, task: &str, drafts: &mut Vec<Draft>) {
    let attributes = record.attributes;
    let stamp = record.at.micros().to_string();
    let id = attributes.text("call_id").unwrap_or(&stamp);
    let going_on = goes_on(record, conversation, task, "goes on");
    drafts.push(Draft { timestamp: record.started_at(), ..going_on });
    let output = record.open_text("output");
    // A command that exits with a failure is told as a success.
    let exit = output.as_deref().and_then(exit_code).filter(|code| *code != 0);
    let exited = exit.map(|code| ("ExitCode".to_owned(), format!("the process exited with code {code}")));
    let used = UsedTool {
        event: format!("otlp:{conversation}:{id}"),
        id,
        name: attributes.text("tool_name").unwrap_or("a tool"),
        failure: exited.or_else(|| failure_of(record)),
        arguments: record.open_text("arguments"),
        result: output,
    };
    used.say(record, conversation, task, drafts);
}

fn exit_code(output: &str) -> Option<i64> {
    let rest = output.split("exited with code ").nth(1)?;
    let digits: String = rest.chars().take_while(|sign| sign.is_ascii_digit() || *sign == '-').collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::exit_code;

    #[test]
    fn exit_codes_stand_in_the_output() {
        assert_eq!(exit_code("Wall time: 0.1\nProcess exited with code 3\nOutput:"), Some(3));
        assert_eq!(exit_code("Process exited with code 0"), Some(0));
        assert_eq!(exit_code("done"), None);
    }
}
