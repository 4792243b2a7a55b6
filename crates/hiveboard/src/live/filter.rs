//! What one reader of the stream wants.

use hiveboard_store::EventFilter;
use hiveboard_wire::{
    EventType, Severity,
    live::{Channel, StreamFilters},
};

use super::Frame;

#[derive(Debug, Clone, Default)]
pub(super) struct Wanted {
    pub channels: Vec<Channel>,
    pub filters: StreamFilters,
}

impl Wanted {
    /// The same for the store; what it cannot narrow by is left to [`Self::takes`].
    pub(super) fn event_filter(&self) -> EventFilter {
        let filters = self.filters.clone();
        let severities = filters.min_severity.map_or_else(Vec::new, |least| {
            Severity::ALL.iter().copied().filter(|severity| *severity >= least).collect()
        });
        EventFilter {
            agent_id: filters.agent_id,
            project_id: filters.project_id,
            environment: filters.environment,
            group: filters.group,
            exclude_heartbeats: filters.event_types.is_none(),
            event_types: filters.event_types.unwrap_or_default(),
            severities,
            ..EventFilter::default()
        }
    }

    pub(super) fn takes(&self, frame: &Frame) -> bool {
        let filters = &self.filters;
        let same = |wanted: &Option<String>, given: &str| wanted.as_deref().is_none_or(|wanted| wanted == given);
        if frame.channel == Channel::Alerts {
            // Alerts concern whoever looks, unless they look at something else by name.
            let is_other = |wanted: &Option<String>, given: Option<&str>| {
                given.is_some_and(|given| wanted.as_deref().is_some_and(|wanted| wanted != given))
            };
            let agent_id = Some(&*frame.agent_id).filter(|id| !id.is_empty());
            return self.channels.contains(&frame.channel)
                && !is_other(&filters.agent_id, agent_id)
                && !is_other(&filters.project_id, frame.project_id.as_deref());
        }
        self.channels.contains(&frame.channel)
            && same(&filters.agent_id, &frame.agent_id)
            && same(&filters.environment, &frame.environment)
            && same(&filters.group, &frame.group)
            // An agent belongs to no one project: its frames pass.
            && (frame.channel == Channel::Agents
                || filters.project_id.as_deref().is_none_or(|wanted| frame.project_id.as_deref() == Some(wanted)))
            && self.takes_event(frame)
    }

    fn takes_event(&self, frame: &Frame) -> bool {
        let Some((event_type, severity)) = frame.event else { return true };
        let by_type = match &self.filters.event_types {
            Some(types) => types.contains(&event_type),
            None => event_type != EventType::Heartbeat,
        };
        by_type && self.filters.min_severity.is_none_or(|least| severity >= least)
    }
}
