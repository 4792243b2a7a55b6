//! What the events say that nobody asked for: sums in memory that follow the change stream, and insights computed from them when asked.
//!
//! Like the projections, these sums can be dropped and made anew from the events; unlike them they are never ahead of anybody: whoever asks
//! waits a moment for what was acknowledged before, and the writer waits for nobody.

mod examples;
mod follow;
mod keep;
mod spend;

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

pub use follow::Follower;
use hiveboard_derive::{
    AgentFilter, AgentSort,
    view::{AgentStatus, Liveness},
};
use hiveboard_insights::{
    Checked, Insight, Kind,
    aggregates::Seen,
    fold::{AgentNow, Memory, Wanted},
};
use hiveboard_wire::{ErrorCode, MICROS_PER_SECOND, Mode, Scope};
pub use keep::remove_sums;
use parking_lot::Mutex;

use crate::{
    app::App,
    error::{ApiError, ApiResult},
};

/// What was asked for lately is answered from memory for so long.
const CACHED_FOR: Duration = Duration::from_secs(5);
/// Answers that are remembered.
const CACHED: usize = 256;
/// How long whoever asks waits for the events acknowledged before.
const PATIENCE: Duration = Duration::from_millis(300);
/// Insights in one answer.
const MOST: usize = 200;
/// Of these, the first so many are given examples.
const MOST_WITH_EXAMPLES: usize = 40;

/// What to look at: a stretch of time, and what it is narrowed to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Question {
    pub since: hiveboard_wire::Timestamp,
    pub until: hiveboard_wire::Timestamp,
    pub project_id: Option<String>,
    pub agent_id: Option<String>,
    pub environment: Option<String>,
    pub group: Option<String>,
    /// In any order; empty for all.
    pub kinds: Vec<Kind>,
}

/// What was found, and what was looked at.
#[derive(Debug, Clone)]
pub struct Answer {
    pub insights: Vec<Insight>,
    pub checked: Vec<Checked>,
}

/// When it was worked out, and what it was.
type Cached = (Instant, Arc<Answer>);

/// The sums of all scopes.
pub struct Insights {
    scopes: Mutex<HashMap<Scope, Memory>>,
    /// All events up to this one are in.
    seq: AtomicU64,
    /// The events stored before the start are in.
    is_ready: AtomicBool,
    stopping: AtomicBool,
    file: PathBuf,
    cache: Mutex<HashMap<(Scope, Question), Cached>>,
}

impl Insights {
    pub fn new(data_dir: &std::path::Path) -> Self {
        Self {
            scopes: Mutex::default(),
            seq: AtomicU64::new(0),
            is_ready: AtomicBool::new(false),
            stopping: AtomicBool::new(false),
            file: data_dir.join(keep::SUMS),
            cache: Mutex::default(),
        }
    }

    /// Forgets what a scope's events said before a time, as they go.
    pub fn forget_before(&self, scope: Scope, before: hiveboard_wire::Timestamp) {
        if let Some(memory) = self.scopes.lock().get_mut(&scope) {
            memory.forget_before(before);
        }
    }

    /// Drops the sums of scopes that are gone.
    pub fn forget_scopes(&self, is_gone: impl Fn(Scope) -> bool) {
        self.scopes.lock().retain(|scope, _| !is_gone(*scope));
        self.cache.lock().retain(|(scope, _), _| !is_gone(*scope));
    }

    /// Waits for the events up to `seq`; what is still missing after a while is seen the next time.
    fn wait_for(&self, seq: u64) -> ApiResult<()> {
        let until = Instant::now() + PATIENCE;
        while self.seq.load(Ordering::Acquire) < seq && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(2));
        }
        if self.is_ready.load(Ordering::Acquire) {
            return Ok(());
        }
        Err(ApiError::new(
            ErrorCode::NotReady,
            "Insights are being gathered from the stored events after a start; everything else answers. Ask again in a moment.",
        )
        .retry_after(5))
    }
}

/// Answers what the events of a scope say. Blocks: for a thread that may.
///
/// Windows are widened to whole hours, and to days where they begin more than three days ago; the answer's insights say since when.
///
/// # Errors
/// When the events stored before the start are not all in yet, or the store cannot be read.
pub fn compute(app: &App, scope: Scope, question: &Question) -> ApiResult<Arc<Answer>> {
    let insights = &app.insights;
    let project_id = app.project_aliases.asked(scope, question.project_id.clone());
    let question = &Question { project_id, ..question.clone() };
    insights.wait_for(app.derived.watermark())?;
    // Asked for by a range, the window moves with every request; for some seconds the answer is the same.
    let step = CACHED_FOR.as_secs() as i64 * MICROS_PER_SECOND;
    let mut key = question.clone();
    (key.since, key.until) = (key.since.bucket(step), key.until.bucket(step));
    key.kinds.sort_unstable();
    let key = (scope, key);
    if let Some((at, answer)) = insights.cache.lock().get(&key)
        && at.elapsed() < CACHED_FOR
    {
        return Ok(Arc::clone(answer));
    }
    let answer = Arc::new(look(app, scope, question)?);
    let mut cache = insights.cache.lock();
    if cache.len() >= CACHED {
        cache.retain(|_, (at, _)| at.elapsed() < CACHED_FOR);
    }
    if cache.len() < CACHED {
        cache.insert(key, (Instant::now(), Arc::clone(&answer)));
    }
    Ok(answer)
}

fn look(app: &App, scope: Scope, question: &Question) -> ApiResult<Answer> {
    let now = app.clock.now();
    let kinds = if question.kinds.is_empty() { Kind::ALL.to_vec() } else { question.kinds.clone() };
    let seen = Seen {
        project_id: question.project_id.clone(),
        agent_id: question.agent_id.clone(),
        environment: question.environment.clone(),
        group: question.group.clone(),
        since: question.since,
        until: question.until,
        is_test: scope.mode == Mode::Test,
    };
    let agents = agents(app, scope, question);
    let wanted = Wanted { seen, now, aliases: app.project_aliases.all(scope) };
    let mut all = {
        let mut scopes = app.insights.scopes.lock();
        scopes.entry(scope).or_default().gather(&wanted, &agents)
    };
    if kinds.contains(&Kind::CostSpike) {
        all.spend = spend::gather(app, scope, &all)?;
    }
    let (mut insights, checked) = hiveboard_insights::compute(&all, &kinds);
    insights.truncate(MOST);
    for insight in insights.iter_mut().take(MOST_WITH_EXAMPLES) {
        examples::find(app, scope, &all, insight)?;
    }
    Ok(Answer { insights, checked })
}

fn agents(app: &App, scope: Scope, question: &Question) -> Vec<AgentNow> {
    let filter = AgentFilter {
        agent_id: question.agent_id.clone(),
        project_id: question.project_id.clone(),
        environment: question.environment.clone(),
        group: question.group.clone(),
        ..AgentFilter::default()
    };
    let now = app.clock.now();
    let agents = app.derived.look(scope, |projections| projections.agents(&filter, AgentSort::Name, now));
    agents
        .into_iter()
        .map(|agent| AgentNow {
            agent_id: agent.agent_id.into(),
            agent_type: agent.agent_type.into(),
            is_stuck: agent.is_stuck,
            is_idle: agent.derived_status == AgentStatus::Idle || agent.derived_status == AgentStatus::Error,
            is_gone: agent.liveness == Liveness::Gone,
        })
        .collect()
}
