//! Following a server for good: streams, comes back after whatever breaks off, and asks in turns where streams do not come through.
//! No event is missed and none is told twice.

use std::time::Duration;

use hiveboard_wire::live::{Channel, ClientFrame, StreamFilters};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    Client, Fault, Query, client,
    stream::{Ended, Heard, Stream},
};

const PATIENCE: Duration = Duration::from_millis(250);
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// How often is asked where streams do not come through.
const POLL_EVERY: Duration = Duration::from_secs(2);

/// What whoever follows is told.
#[derive(Debug)]
pub enum Told {
    /// Everything after `seq` comes from now on.
    Begun { seq: u64 },
    /// An event, as the server wrote it.
    Event(Box<RawValue>),
    /// Agents, tasks or alerts are others than before.
    Changed,
    /// It broke off, and is tried again.
    Lost(String),
    /// It goes on.
    Back,
    /// Nothing new.
    Quiet,
}

/// Whether to go on.
pub type GoOn = std::ops::ControlFlow<()>;

#[derive(Deserialize)]
struct HasSeq {
    seq: u64,
}

pub struct Follower<'a> {
    client: &'a Client,
    channels: Vec<Channel>,
    filters: StreamFilters,
    /// The last event that was told.
    seq: Option<u64>,
    is_begun: bool,
    is_lost: bool,
}

impl<'a> Follower<'a> {
    /// `since_seq`: events after it come first.
    pub fn new(client: &'a Client, channels: Vec<Channel>, filters: StreamFilters, since_seq: Option<u64>) -> Self {
        Self { client, channels, filters, seq: since_seq, is_begun: false, is_lost: false }
    }

    /// Tells until it is told to stop.
    ///
    /// # Errors
    /// When trying again is of no use, or whoever listens fails.
    pub fn run(mut self, mut tell: impl FnMut(Told) -> anyhow::Result<GoOn>) -> anyhow::Result<()> {
        let mut pause = FIRST_PAUSE;
        loop {
            let ended = match Stream::open(self.client.target(), &self.subscription()) {
                Ok(mut stream) => loop {
                    let heard = match stream.next(PATIENCE) {
                        Ok(heard) => heard,
                        Err(ended) => break ended,
                    };
                    pause = FIRST_PAUSE;
                    for told in self.taken(heard)? {
                        if tell(told)?.is_break() {
                            return Ok(());
                        }
                    }
                },
                Err(ended) => ended,
            };
            match ended {
                Ended::Refused(fault) => return Err(fault.into()),
                // Without a first answer there is nothing to come back to.
                Ended::Lost(why) if !self.is_begun => {
                    let advice = self.client.target().origin.advice();
                    return Err(Fault::NoAnswer(format!(
                        "nothing streams from {}: {why}. {advice}",
                        self.client.target().url
                    ))
                    .into());
                }
                Ended::Lost(why) => {
                    self.is_lost = true;
                    if tell(Told::Lost(why))?.is_break() {
                        return Ok(());
                    }
                    std::thread::sleep(pause);
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                Ended::NoUpgrade(_) => return self.ask_in_turns(tell),
            }
        }
    }

    fn subscription(&self) -> ClientFrame {
        ClientFrame::Subscribe {
            channels: self.channels.clone(),
            filters: Some(self.filters.clone()),
            since_seq: self.seq,
        }
    }

    fn taken(&mut self, heard: Option<Heard>) -> Result<Vec<Told>, Fault> {
        Ok(match heard {
            None => vec![Told::Quiet],
            Some(Heard::Changed) => vec![Told::Changed],
            Some(Heard::Subscribed { seq }) => {
                self.seq = Some(self.seq.unwrap_or(seq));
                let mut told = Vec::new();
                if !std::mem::replace(&mut self.is_begun, true) {
                    told.push(Told::Begun { seq });
                }
                if std::mem::take(&mut self.is_lost) {
                    told.push(Told::Back);
                }
                told
            }
            Some(Heard::Event(event)) => {
                self.seq = Some(client::read::<HasSeq>(event.get())?.seq);
                vec![Told::Event(event)]
            }
            // The connection goes on; what was missed is read from the store.
            Some(Heard::Lagged { resume_seq }) => {
                let mut told = self.read_after(resume_seq)?;
                told.push(Told::Changed);
                told
            }
        })
    }

    /// Every event after a place, and no further than the server knows now.
    fn read_after(&mut self, after: u64) -> Result<Vec<Told>, Fault> {
        let filters = &self.filters;
        let types = filters.event_types.iter().flatten().map(|one| one.as_str());
        let severities =
            hiveboard_wire::Severity::ALL.iter().filter(|one| filters.min_severity.is_some_and(|least| **one >= least));
        let query = Query::default()
            .maybe("agent_id", filters.agent_id.as_ref())
            .maybe("project_id", filters.project_id.as_ref())
            .maybe("environment", filters.environment.as_ref())
            .maybe("group", filters.group.as_ref())
            .each("event_type", types)
            .each("severity", severities.map(|one| one.as_str()))
            .with("limit", 200);
        let mut told = Vec::new();
        let mut after = after.max(self.seq.unwrap_or(0));
        loop {
            let page = self.client.page("/v1/events", &query.clone().with("after_seq", after))?;
            for event in page.items {
                after = client::read::<HasSeq>(event.get())?.seq;
                told.push(Told::Event(event));
            }
            self.seq = Some(after);
            if !page.has_more {
                return Ok(told);
            }
        }
    }

    fn ask_in_turns(mut self, mut tell: impl FnMut(Told) -> anyhow::Result<GoOn>) -> anyhow::Result<()> {
        if self.seq.is_none() {
            let newest =
                self.client.page("/v1/events", &Query::default().with("limit", 1).with("exclude_heartbeats", false))?;
            self.seq = Some(
                newest
                    .items
                    .first()
                    .map_or(Ok(0), |event| client::read::<HasSeq>(event.get()).map(|event| event.seq))?,
            );
        }
        if tell(Told::Begun { seq: self.seq.unwrap_or(0) })?.is_break() {
            return Ok(());
        }
        loop {
            let told = match self.read_after(0) {
                Ok(told) => {
                    let back = std::mem::take(&mut self.is_lost).then_some(Told::Back);
                    back.into_iter().chain(told).chain([Told::Changed]).collect()
                }
                Err(Fault::NoAnswer(why)) => {
                    self.is_lost = true;
                    vec![Told::Lost(why)]
                }
                Err(fault) => return Err(fault.into()),
            };
            for one in told {
                if tell(one)?.is_break() {
                    return Ok(());
                }
            }
            for _ in 0..POLL_EVERY.as_millis() / PATIENCE.as_millis() {
                std::thread::sleep(PATIENCE);
                if tell(Told::Quiet)?.is_break() {
                    return Ok(());
                }
            }
        }
    }
}
