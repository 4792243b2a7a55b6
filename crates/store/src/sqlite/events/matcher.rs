//! Whether an event meets a filter, asked of the columns.

use hiveboard_text::Needle;
use hiveboard_wire::{EventType, named_kind};

use crate::{
    EventFilter,
    sqlite::block::{EventView, Label, SegmentView},
};

pub(super) struct Matcher<'f> {
    filter: &'f EventFilter,
    needle: Option<Needle>,
}

impl<'f> Matcher<'f> {
    pub(super) fn new(filter: &'f EventFilter) -> Self {
        let needle = filter.text.as_deref().filter(|text| !text.is_empty()).map(Needle::new);
        Self { filter, needle }
    }

    /// What is looked for, folded.
    pub(super) fn text(&self) -> Option<&str> {
        self.needle.as_ref().map(Needle::folded)
    }

    /// Whether events of this envelope may match at all.
    pub(super) fn may_hold(&self, segment: &SegmentView<'_>) -> bool {
        let is = |wanted: &Option<String>, actual: &str| wanted.as_deref().is_none_or(|wanted| wanted == actual);
        is(&self.filter.agent_id, segment.agent_id())
            && is(&self.filter.environment, segment.environment())
            && is(&self.filter.group, segment.group())
    }

    pub(super) fn matches(&self, event: EventView<'_, '_>) -> bool {
        let filter = self.filter;
        let has =
            |wanted: &Option<String>, label| wanted.as_deref().is_none_or(|wanted| event.label(label) == Some(wanted));
        let event_type = event.event_type();
        (filter.event_types.is_empty() || filter.event_types.contains(&event_type))
            && !(filter.exclude_heartbeats && event_type == EventType::Heartbeat)
            && (filter.severities.is_empty() || filter.severities.contains(&event.severity()))
            && self.has_kind(event)
            && has(&filter.project_id, Label::Project)
            && has(&filter.task_id, Label::Task)
            // Without a run of its own, an event belongs to run "".
            && filter.task_run_id.as_deref().is_none_or(|wanted| event.label(Label::TaskRun).unwrap_or("") == wanted)
            && has(&filter.correlation_id, Label::Correlation)
            && filter.since.is_none_or(|since| event.timestamp() >= since)
            && filter.until.is_none_or(|until| event.timestamp() < until)
            && self.needle.as_ref().is_none_or(|needle| needle.is_in_payload(event.payload()))
    }

    fn has_kind(&self, event: EventView<'_, '_>) -> bool {
        let EventFilter { kinds, own_kinds, .. } = self.filter;
        match event.kind() {
            _ if kinds.is_empty() && own_kinds.is_empty() => true,
            Some(kind) => kinds.contains(&kind),
            None if own_kinds.is_empty() => false,
            None => named_kind(event.payload()).is_some_and(|kind| own_kinds.contains(&kind)),
        }
    }
}
