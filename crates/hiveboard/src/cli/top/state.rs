//! What is shown, and what keys do to it. Pure: no screen, no server, no clock.

use std::collections::VecDeque;

use ratatui::crossterm::event::{KeyCode, KeyModifiers};

use super::watch::{Look, News};
use crate::remote::answers::{Agent, Event, Task, Timeline};

/// Events kept for the stream of what happens.
const EVENTS: usize = 500;

/// What is looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// Everything is narrowed to it.
    pub(super) agent: Option<String>,
    /// Its story is open.
    pub(super) task: Option<TaskKey>,
    /// Text that agents and tasks must hold.
    pub(super) search: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_field_names, reason = "the names of the API")]
pub(super) struct TaskKey {
    pub(super) agent_id: String,
    pub(super) task_id: String,
    pub(super) task_run_id: String,
}

impl TaskKey {
    fn of(task: &Task) -> Self {
        Self { agent_id: task.agent_id.clone(), task_id: task.task_id.clone(), task_run_id: task.task_run_id.clone() }
    }
}

/// What keys without a pane of their own mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Focus {
    Hive,
    Tasks,
}

/// What is to happen after a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Stay,
    /// Something else is to be asked for.
    Look,
    End,
}

pub(super) struct Top {
    pub(super) server: String,
    pub(super) agents: Vec<Agent>,
    pub(super) tasks: Vec<Task>,
    /// How many fire.
    pub(super) alerts: u64,
    pub(super) story: Option<Box<Timeline>>,
    /// What happened since this was opened, and a little before; newest first.
    events: VecDeque<Event>,
    /// The latest of the agent that all is narrowed to, newest first: it may be older than all that was heard.
    of_agent: Vec<Event>,
    /// Why nothing is new, while it is so.
    pub(super) lost: Option<String>,
    place: Place,
    pub(super) focus: Focus,
    /// By id, so that a row that moves keeps the cursor.
    agent_at: Option<String>,
    task_at: Option<TaskKey>,
    /// Lines of the story above the screen.
    pub(super) scrolled: usize,
    /// The text that is being typed.
    pub(super) typing: Option<String>,
    pub(super) shows_keys: bool,
    pub(super) shows_hive: bool,
    pub(super) shows_stream: bool,
    after_g: bool,
}

impl Top {
    pub(super) fn new(server: String, first: Look) -> Self {
        let mut top = Self {
            server,
            agents: Vec::new(),
            tasks: Vec::new(),
            alerts: 0,
            story: None,
            events: VecDeque::new(),
            of_agent: Vec::new(),
            lost: None,
            place: Place::default(),
            focus: Focus::Hive,
            agent_at: None,
            task_at: None,
            scrolled: 0,
            typing: None,
            shows_keys: false,
            shows_hive: true,
            shows_stream: true,
            after_g: false,
        };
        top.take(News::Seen(Box::new(first)));
        top
    }

    pub(super) fn place(&self) -> Place {
        self.place.clone()
    }

    /// The agents that fit what is searched for.
    pub(super) fn shown_agents(&self) -> Vec<&Agent> {
        let wanted = self.place.search.to_lowercase();
        let fits = |agent: &&Agent| {
            let texts = [&agent.agent_id, &agent.agent_type, &agent.environment, &agent.group];
            wanted.is_empty() || texts.iter().any(|text| text.to_lowercase().contains(&wanted))
        };
        self.agents.iter().filter(fits).collect()
    }

    /// The row of the cursor in the Hive.
    pub(super) fn agent_row(&self) -> usize {
        let at = self.agent_at.as_ref();
        self.shown_agents().iter().position(|agent| Some(&agent.agent_id) == at).unwrap_or(0)
    }

    /// The row of the cursor among tasks.
    pub(super) fn task_row(&self) -> usize {
        let at = self.task_at.as_ref();
        self.tasks.iter().position(|task| Some(&TaskKey::of(task)) == at).unwrap_or(0)
    }

    pub(super) fn narrowed_to(&self) -> Option<&str> {
        self.place.agent.as_deref()
    }

    pub(super) fn search(&self) -> &str {
        &self.place.search
    }

    pub(super) fn is_story(&self) -> bool {
        self.place.task.is_some()
    }

    pub(super) fn take(&mut self, news: News) {
        match news {
            // An answer to what was asked before somebody looked elsewhere says nothing about here.
            News::Seen(look) if look.place != self.place => {}
            News::Seen(look) => {
                let Look { agents, tasks, alerts, events, story, .. } = *look;
                (self.agents, self.tasks, self.alerts, self.story) = (agents, tasks, alerts, story);
                self.of_agent = events;
                self.lost = None;
            }
            News::Happened(event) => {
                self.events.push_front(*event);
                self.events.truncate(EVENTS);
            }
            News::Lost(why) => self.lost = Some(why),
            News::Back => self.lost = None,
        }
    }

    pub(super) fn press(&mut self, key: KeyCode, modifiers: KeyModifiers) -> Step {
        if modifiers.contains(KeyModifiers::CONTROL) {
            return if key == KeyCode::Char('c') { Step::End } else { Step::Stay };
        }
        if self.typing.is_some() {
            return self.type_key(key);
        }
        if self.shows_keys {
            self.shows_keys = false;
            return if key == KeyCode::Char('q') { Step::End } else { Step::Stay };
        }
        let after_g = std::mem::take(&mut self.after_g);
        match key {
            KeyCode::Char('q') => return Step::End,
            KeyCode::Char('?') => self.shows_keys = true,
            KeyCode::Char('/') => self.typing = Some(self.place.search.clone()),
            KeyCode::Char('[') => self.shows_hive = !self.shows_hive,
            KeyCode::Char(']') => self.shows_stream = !self.shows_stream,
            KeyCode::Char('g') => self.after_g = true,
            KeyCode::Char('m') if after_g => return self.home(Focus::Hive),
            KeyCode::Char('t') if after_g => return self.home(Focus::Tasks),
            KeyCode::Tab | KeyCode::BackTab => {
                self.focus = if self.focus == Focus::Hive { Focus::Tasks } else { Focus::Hive };
            }
            KeyCode::Char('j') => return self.move_task(1),
            KeyCode::Char('k') => return self.move_task(-1),
            KeyCode::Down => return self.move_here(1),
            KeyCode::Up => return self.move_here(-1),
            KeyCode::PageDown | KeyCode::Char(' ') => return self.move_here(10),
            KeyCode::PageUp => return self.move_here(-10),
            KeyCode::Home => return self.move_here(isize::MIN / 2),
            KeyCode::End => return self.move_here(isize::MAX / 2),
            KeyCode::Enter => return self.open(),
            KeyCode::Esc | KeyCode::Backspace => return self.release(),
            _ => {}
        }
        Step::Stay
    }

    fn type_key(&mut self, key: KeyCode) -> Step {
        let Some(text) = self.typing.as_mut() else { return Step::Stay };
        match key {
            KeyCode::Char(sign) => text.push(sign),
            KeyCode::Backspace => {
                text.pop();
            }
            KeyCode::Esc => self.typing = None,
            KeyCode::Enter => {
                self.typing.take().unwrap_or_default().trim().clone_into(&mut self.place.search);
                self.forget_tasks();
                return Step::Look;
            }
            _ => {}
        }
        Step::Stay
    }

    /// Back to everything.
    fn home(&mut self, focus: Focus) -> Step {
        self.place = Place { search: std::mem::take(&mut self.place.search), ..Place::default() };
        (self.story, self.scrolled, self.focus) = (None, 0, focus);
        self.forget_tasks();
        Step::Look
    }

    fn move_here(&mut self, by: isize) -> Step {
        if self.is_story() {
            self.scrolled = self.scrolled.saturating_add_signed(by);
            return Step::Stay;
        }
        if self.focus == Focus::Tasks {
            return self.move_task(by);
        }
        let shown = self.shown_agents();
        let row = moved(self.agent_row(), by, shown.len());
        self.agent_at = shown.get(row).map(|agent| agent.agent_id.clone());
        Step::Stay
    }

    /// The next or the previous task: its story, where one is open.
    fn move_task(&mut self, by: isize) -> Step {
        self.focus = Focus::Tasks;
        let row = moved(self.task_row(), by, self.tasks.len());
        self.task_at = self.tasks.get(row).map(TaskKey::of);
        if self.is_story() {
            return self.open();
        }
        Step::Stay
    }

    fn open(&mut self) -> Step {
        match self.focus {
            Focus::Hive => {
                let Some(agent) = self.shown_agents().get(self.agent_row()).map(|agent| agent.agent_id.clone()) else {
                    return Step::Stay;
                };
                // Once more releases it, as a click does on the board.
                let is_same = self.place.agent.as_ref() == Some(&agent);
                self.place.agent = (!is_same).then_some(agent);
                self.forget_tasks();
                if !is_same {
                    self.focus = Focus::Tasks;
                }
            }
            Focus::Tasks => {
                let Some(task) = self.tasks.get(self.task_row()).map(TaskKey::of) else { return Step::Stay };
                self.task_at = Some(task.clone());
                if self.place.task.as_ref() != Some(&task) {
                    (self.story, self.scrolled) = (None, 0);
                }
                self.place.task = Some(task);
            }
        }
        Step::Look
    }

    /// What was listed for another place: none of it is to be opened from here.
    fn forget_tasks(&mut self) {
        self.tasks.clear();
        self.of_agent.clear();
        self.task_at = None;
    }

    /// One step back: the story, the search, the agent.
    fn release(&mut self) -> Step {
        if self.place.task.take().is_some() {
            (self.story, self.scrolled) = (None, 0);
        } else if !self.place.search.is_empty() {
            self.place.search.clear();
            self.forget_tasks();
        } else if self.place.agent.take().is_some() {
            self.focus = Focus::Hive;
            self.forget_tasks();
        } else {
            return Step::Stay;
        }
        Step::Look
    }

    /// The stream as far as it belongs to what is looked at.
    pub(super) fn shown_events(&self) -> impl Iterator<Item = &Event> {
        let listed_to = self.of_agent.first().map_or(0, |event| event.seq);
        let is_shown = move |event: &&Event| {
            self.place.agent.as_ref().is_none_or(|agent| event.agent_id == *agent && event.seq > listed_to)
        };
        self.events.iter().filter(is_shown).chain(&self.of_agent)
    }
}

fn moved(row: usize, by: isize, rows: usize) -> usize {
    row.saturating_add_signed(by).min(rows.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn agent(agent_id: &str) -> Agent {
        serde_json::from_value(json!({
            "agent_id": agent_id, "agent_type": "general", "framework": "custom", "environment": "production", "group": "default",
            "derived_status": "idle", "status_since": "2026-11-26T12:00:00Z", "liveness": "heartbeat",
            "stuck_threshold_seconds": 300.0, "last_seen": "2026-11-26T12:00:00Z", "sparkline_1h": [],
            "stats_1h": {"tasks_completed": 0, "tasks_failed": 0, "llm_call_count": 0, "active_issues": 0},
        }))
        .expect("an agent")
    }

    fn task(task_id: &str) -> Task {
        serde_json::from_value(json!({
            "task_id": task_id, "task_run_id": "", "agent_id": "a", "environment": "production", "derived_status": "completed",
            "status_since": "2026-11-26T12:00:00Z", "started_at": "2026-11-26T12:00:00Z", "last_event_at": "2026-11-26T12:00:00Z",
            "duration_ms": 1.0, "action_count": 0, "error_count": 0, "cause_count": 0,
        }))
        .expect("a task")
    }

    fn top() -> Top {
        let look = Look {
            place: Place::default(),
            agents: ["a", "b", "c"].map(agent).into(),
            tasks: ["one", "two", "three"].map(task).into(),
            alerts: 0,
            events: Vec::new(),
            story: None,
        };
        Top::new("http://127.0.0.1:8000".to_owned(), look)
    }

    /// The server answers what is looked at.
    fn answered(top: &mut Top) {
        let look = Look {
            place: top.place(),
            agents: ["a", "b", "c"].map(agent).into(),
            tasks: ["one", "two", "three"].map(task).into(),
            alerts: 0,
            events: Vec::new(),
            story: None,
        };
        top.take(News::Seen(Box::new(look)));
    }

    fn happened(seq: u64, agent_id: &str) -> Event {
        serde_json::from_value(json!({
            "event_id": seq.to_string(), "seq": seq, "agent_id": agent_id, "event_type": "custom",
            "timestamp": "2026-11-26T12:00:00Z", "severity": "info",
        }))
        .expect("an event")
    }

    #[test]
    fn the_stream_of_one_agent_holds_what_is_older_than_all_that_was_heard_and_nothing_twice() {
        let mut top = top();
        for (seq, agent_id) in [(7, "a"), (8, "b"), (9, "a")] {
            top.take(News::Happened(Box::new(happened(seq, agent_id))));
        }
        let shown = |top: &Top| top.shown_events().map(|event| event.seq).collect::<Vec<_>>();
        assert_eq!(shown(&top), [9, 8, 7]);
        press(&mut top, "⏎");
        assert_eq!(shown(&top), [9, 7]);
        let events = vec![happened(7, "a"), happened(2, "a"), happened(1, "a")];
        let look = Look {
            place: top.place(),
            agents: ["a"].map(agent).into(),
            tasks: Vec::new(),
            alerts: 0,
            events,
            story: None,
        };
        top.take(News::Seen(Box::new(look)));
        assert_eq!(shown(&top), [9, 7, 2, 1]);
        press(&mut top, "⎋");
        assert_eq!(shown(&top), [9, 8, 7]);
    }

    fn press(top: &mut Top, keys: &str) -> Step {
        let mut step = Step::Stay;
        for key in keys.chars() {
            let code = match key {
                '↓' => KeyCode::Down,
                '↑' => KeyCode::Up,
                '⏎' => KeyCode::Enter,
                '⎋' => KeyCode::Esc,
                other => KeyCode::Char(other),
            };
            step = top.press(code, KeyModifiers::NONE);
        }
        step
    }

    #[test]
    fn keys_do_what_they_do_on_the_board() {
        let mut top = top();
        assert_eq!(press(&mut top, "↓↓↓⏎"), Step::Look);
        assert_eq!(top.narrowed_to(), Some("c"));
        assert_eq!(press(&mut top, "⏎"), Step::Stay, "tasks of others are not to be opened");
        answered(&mut top);
        assert_eq!(press(&mut top, "j⏎"), Step::Look);
        assert_eq!(top.place().task.map(|task| task.task_id).as_deref(), Some("two"));
        assert_eq!(press(&mut top, "j"), Step::Look);
        assert_eq!(top.place().task.map(|task| task.task_id).as_deref(), Some("three"));
        assert_eq!(press(&mut top, "↓↓↑"), Step::Stay);
        assert_eq!(top.scrolled, 1);
        assert_eq!(press(&mut top, "⎋"), Step::Look);
        assert!(!top.is_story() && top.narrowed_to().is_some());
        assert_eq!(press(&mut top, "⎋"), Step::Look);
        assert_eq!(top.narrowed_to(), None);
        assert_eq!(press(&mut top, "⎋"), Step::Stay);
        assert_eq!(press(&mut top, "?x"), Step::Stay);
        assert!(!top.shows_keys);
        assert_eq!(press(&mut top, "q"), Step::End);
    }

    #[test]
    fn typing_is_no_command() {
        let mut top = top();
        assert_eq!(press(&mut top, "/qB"), Step::Stay);
        assert_eq!(top.typing.as_deref(), Some("qB"));
        top.typing = Some("B".to_owned());
        assert_eq!(press(&mut top, "⏎"), Step::Look);
        assert_eq!(top.shown_agents().iter().map(|agent| agent.agent_id.as_str()).collect::<Vec<_>>(), ["b"]);
        assert_eq!(press(&mut top, "⎋"), Step::Look);
        assert_eq!(top.shown_agents().len(), 3);
    }

    #[test]
    fn the_cursor_stays_on_its_row_when_rows_move() {
        let mut top = top();
        press(&mut top, "↓");
        let look = |place: Place| Look {
            place,
            agents: ["c", "a", "b"].map(agent).into(),
            tasks: Vec::new(),
            alerts: 0,
            events: Vec::new(),
            story: None,
        };
        top.take(News::Seen(Box::new(look(Place { agent: Some("x".to_owned()), ..Place::default() }))));
        assert_eq!((top.agent_row(), top.tasks.len()), (1, 3), "what was asked for elsewhere says nothing here");
        top.take(News::Seen(Box::new(look(Place::default()))));
        assert_eq!((top.agent_row(), top.tasks.len()), (2, 0));
        assert_eq!(press(&mut top, "j⏎"), Step::Stay, "there is no task to open");
    }
}
