//! What the server says, for whoever draws it.

use std::{
    sync::{Arc, Condvar, Mutex, mpsc},
    time::{Duration, Instant},
};

use hiveboard_wire::live::{Channel, StreamFilters};

use super::{Message, state::Place};
use crate::{
    cli::ask::NarrowArgs,
    remote::{
        Client, Fault, Query,
        answers::{Agent, Event, Task, Timeline},
        client::read,
        follow::{Follower, GoOn, Told},
        links::TIMELINE,
    },
};

/// Looked at again after so long, even when nothing is heard; and after a change no sooner than that.
const AGAIN: Duration = Duration::from_secs(5);
const LEAST_BETWEEN: Duration = Duration::from_millis(400);
/// More agents than this are asked for less often: each look is several requests.
const MANY_AGENTS: usize = 200;
const MOST_AGENTS: usize = 2_000;
const MOST_TASKS: usize = 100;
/// What happened before this was opened.
const LATEST_EVENTS: usize = 100;

/// One look at the board.
pub(super) struct Look {
    pub(super) place: Place,
    pub(super) agents: Vec<Agent>,
    pub(super) tasks: Vec<Task>,
    /// How many fire.
    pub(super) alerts: u64,
    /// The latest of the agent that all is narrowed to, newest first.
    pub(super) events: Vec<Event>,
    /// Of the task that is open; `None` as well when there is no such task any more.
    pub(super) story: Option<Box<Timeline>>,
}

pub(super) enum News {
    Seen(Box<Look>),
    Happened(Box<Event>),
    /// The server was lost, and why.
    Lost(String),
    Back,
}

/// Asks for all that is shown.
pub(super) fn look(client: &Client, narrow: &NarrowArgs, place: &Place) -> Result<Look, Fault> {
    let agents = client.list("/v1/agents", &narrow.query(), MOST_AGENTS)?.read()?;
    let tasks = NarrowArgs { agent: place.agent.clone().or_else(|| narrow.agent.clone()), ..narrow.clone() };
    let query = tasks.query().maybe("q", Some(&place.search).filter(|text| !text.is_empty()));
    let tasks = client.list("/v1/tasks", &query, MOST_TASKS)?.read()?;
    let firing = narrow.query().with("state", "firing").with("limit", 1);
    let alerts = client.page("/v1/alerts", &firing)?.total.unwrap_or_default();
    let story = match &place.task {
        Some(task) => {
            let query = Query::default()
                .with("task_id", &task.task_id)
                .with("task_run_id", &task.task_run_id)
                .with("agent_id", &task.agent_id);
            match client.read(TIMELINE, &query) {
                Ok(story) => Some(Box::new(story)),
                Err(Fault::NotFound(_)) => None,
                Err(fault) => return Err(fault),
            }
        }
        None => None,
    };
    let events = match &place.agent {
        Some(agent) => {
            let query = Query::default().with("agent_id", agent).with("limit", LATEST_EVENTS);
            client.page("/v1/events", &query)?.read()?
        }
        None => Vec::new(),
    };
    Ok(Look { place: place.clone(), agents, tasks, alerts, events, story })
}

/// What the asking thread is to look at next.
#[derive(Clone, Default)]
pub(super) struct Wanted(Arc<(Mutex<Wish>, Condvar)>);

#[derive(Default)]
struct Wish {
    place: Place,
    /// Somebody looks elsewhere: at once.
    is_new: bool,
    /// Something changed: soon.
    is_stale: bool,
}

impl Wanted {
    fn change(&self, change: impl FnOnce(&mut Wish)) {
        let (wish, rings) = &*self.0;
        if let Ok(mut wish) = wish.lock() {
            change(&mut wish);
            rings.notify_all();
        }
    }

    pub(super) fn look_at(&self, place: Place) {
        self.change(|wish| {
            wish.place = place;
            wish.is_new = true;
        });
    }

    fn is_stale(&self) {
        self.change(|wish| wish.is_stale = true);
    }

    /// Waits for a reason to look.
    fn next(&self, looked: Instant, least: Duration) -> Option<Place> {
        let (wish, rings) = &*self.0;
        let mut wish = wish.lock().ok()?;
        loop {
            let since = looked.elapsed();
            if wish.is_new || (wish.is_stale && since >= least) || since >= AGAIN.max(least) {
                (wish.is_new, wish.is_stale) = (false, false);
                return Some(wish.place.clone());
            }
            let until = if wish.is_stale { least } else { AGAIN.max(least) };
            (wish, _) = rings.wait_timeout(wish, until.saturating_sub(since)).ok()?;
        }
    }
}

/// Starts the threads that ask and follow; they end with the process.
pub(super) fn start(client: &Client, narrow: &NarrowArgs, send: &mpsc::SyncSender<Message>) -> Wanted {
    let wanted = Wanted::default();
    let (asking, own, narrowed, told) = (client.clone(), wanted.clone(), narrow.clone(), send.clone());
    std::thread::spawn(move || ask(&asking, &narrowed, &own, &told));
    let (following, own, narrowed, told) = (client.clone(), wanted.clone(), narrow.clone(), send.clone());
    std::thread::spawn(move || {
        if let Err(error) = follow(&following, &narrowed, &own, &told) {
            let _nobody_draws = told.send(Message::Ended(error));
        }
    });
    wanted
}

fn ask(client: &Client, narrow: &NarrowArgs, wanted: &Wanted, send: &mpsc::SyncSender<Message>) {
    let (mut looked, mut least, mut is_lost) = (Instant::now(), LEAST_BETWEEN, false);
    while let Some(place) = wanted.next(looked, least) {
        looked = Instant::now();
        let message = match look(client, narrow, &place) {
            Ok(seen) => {
                least = if seen.agents.len() > MANY_AGENTS { LEAST_BETWEEN * 5 } else { LEAST_BETWEEN };
                if std::mem::take(&mut is_lost) && send.send(Message::News(News::Back)).is_err() {
                    return;
                }
                Message::News(News::Seen(Box::new(seen)))
            }
            Err(Fault::NoAnswer(why)) => {
                is_lost = true;
                Message::News(News::Lost(why))
            }
            Err(fault) => Message::Ended(fault.into()),
        };
        if send.send(message).is_err() {
            return;
        }
    }
}

fn follow(
    client: &Client,
    narrow: &NarrowArgs,
    wanted: &Wanted,
    send: &mpsc::SyncSender<Message>,
) -> anyhow::Result<()> {
    let filters = StreamFilters {
        project_id: narrow.project.clone(),
        environment: narrow.environment.clone(),
        group: narrow.group.clone(),
        agent_id: narrow.agent.clone(),
        ..StreamFilters::default()
    };
    let channels = vec![Channel::Events, Channel::Agents, Channel::Tasks, Channel::Alerts];
    Follower::new(client, channels, filters, None).run(|told| {
        let news = match told {
            Told::Event(event) => {
                wanted.is_stale();
                News::Happened(Box::new(read(event.get())?))
            }
            // The stream stands before the latest events are read: none falls between.
            Told::Begun { seq } => {
                for event in latest(client, narrow, seq)? {
                    if send.send(Message::News(News::Happened(Box::new(event)))).is_err() {
                        return Ok(GoOn::Break(()));
                    }
                }
                wanted.is_stale();
                return Ok(GoOn::Continue(()));
            }
            Told::Changed => {
                wanted.is_stale();
                return Ok(GoOn::Continue(()));
            }
            Told::Lost(why) => News::Lost(why),
            Told::Back => {
                wanted.is_stale();
                News::Back
            }
            Told::Quiet => return Ok(GoOn::Continue(())),
        };
        Ok(if send.send(Message::News(news)).is_err() { GoOn::Break(()) } else { GoOn::Continue(()) })
    })
}

/// What happened up to a place, oldest first.
fn latest(client: &Client, narrow: &NarrowArgs, until_seq: u64) -> Result<Vec<Event>, Fault> {
    let mut events: Vec<Event> = client.list("/v1/events", &narrow.query(), LATEST_EVENTS)?.read()?;
    events.retain(|event| event.seq <= until_seq);
    events.reverse();
    Ok(events)
}
