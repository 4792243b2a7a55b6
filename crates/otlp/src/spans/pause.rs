//! Graphs that pause for a person: the task waits, until the conversation goes on.

use std::sync::Arc;

use hiveboard_wire::EventType;

use crate::{
    attributes::hex,
    draft::Draft,
    memory::{ASKED, Trace, TraceId},
    preview,
};

/// Longest question, in characters.
const QUESTION_CHARS: usize = 500;

/// The end of a task whose topmost span that is, told as its question.
pub(super) fn asked(span: String, question: &str, end: Draft) -> Draft {
    let summary = if question.is_empty() { "the graph has paused" } else { question };
    Draft {
        task_type: end.task_type,
        correlation_id: end.correlation_id,
        task: end.task,
        ..Draft::new(span + ASKED, EventType::ApprovalRequested, end.timestamp).with("summary", summary)
    }
}

/// Tasks that were told as completed before it was known that they pause: they go on, and wait.
pub(super) fn say_pauses_of_ended_tasks(trace: &mut Trace, id: TraceId, drafts: &mut Vec<Draft>) {
    for top in trace.tops_that_pause() {
        let Some((seen, question)) = trace.get(top).zip(trace.question_of(top)) else { continue };
        let Some(conversation) = seen.conversation.as_deref().filter(|_| !seen.failed) else { continue };
        let task: Arc<str> = hex(&id).into();
        let span = ["otlp:", &task, ":", &hex(&top)].concat();
        let above = trace.adopter(top).and_then(|(above, _)| trace.get(above));
        let end = above.map_or(seen.end, |above| above.end.max(seen.end));
        let said = |event_id: String, event_type, after| {
            let at = end.plus_micros(after);
            Draft::new(event_id, event_type, at).of(Arc::clone(&task)).correlated(Some(conversation))
        };
        drafts.push(said([&span, ":task:reopened"].concat(), EventType::TaskStarted, 1));
        drafts.push(asked(span, question, said(String::new(), EventType::TaskCompleted, 2)));
        trace.note_asked(top);
    }
}

/// What an interrupt of `LangGraph` asks, out of the text of its exception: `(Interrupt(value={'question': 'Go on?'}, id='…'),)`.
pub(super) fn question(message: &str) -> Option<String> {
    let (_, value) = message.split_once("Interrupt(value=")?;
    let end = [", id='", ", resumable=", ", ns=[", ", when='"].iter().filter_map(|next| value.find(next)).min();
    let value = value[..end.unwrap_or(value.len())].trim();
    let text =
        literal(value).or_else(|| ["description", "question", "message"].iter().find_map(|key| member(value, key)));
    Some(preview::cut(text.as_deref().unwrap_or(value), QUESTION_CHARS).into_owned()).filter(|text| !text.is_empty())
}

/// The text of that member of a mapping, as Python shows it.
fn member(value: &str, key: &str) -> Option<String> {
    let (_, rest) = value.strip_prefix('{')?.split_once(&format!("'{key}': "))?;
    literal(rest)
}

/// A text as Python shows it, in either of its quotes.
fn literal(value: &str) -> Option<String> {
    let quote = value.chars().next().filter(|first| matches!(first, '\'' | '"'))?;
    let (mut text, mut letters) = (String::new(), value.chars().skip(1));
    loop {
        match letters.next()? {
            '\\' => text.push(match letters.next()? {
                'n' => '\n',
                't' => '\t',
                other => other,
            }),
            end if end == quote => return Some(text),
            letter => text.push(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::question;

    #[test]
    fn a_question_is_read_out_of_what_python_shows() {
        for (shown, wanted) in [
            ("(Interrupt(value={'question': 'Refund 120 EUR?'}, id='97'),)", Some("Refund 120 EUR?")),
            ("(Interrupt(value='Go on?', resumable=True, ns=['a:1']),)", Some("Go on?")),
            (r#"(Interrupt(value="It's \"due\"\nGo on?", id='97'),)"#, Some("It's \"due\"\nGo on?")),
            (
                "(Interrupt(value={'action_requests': [{'name': 'pay', 'args': {}, 'description': 'Pay it?'}]}, id='97'),)",
                Some("Pay it?"),
            ),
            ("(Interrupt(value={'amount': 120}, id='97'),)", Some("{'amount': 120}")),
            ("(Interrupt(value=3, id='97'),)", Some("3")),
            ("(Interrupt(value='cut in the mid", Some("'cut in the mid")),
            ("(Interrupt(value='', id='97'),)", None),
            ("paused", None),
        ] {
            assert_eq!(question(shown).as_deref(), wanted, "{shown}");
        }
    }
}
