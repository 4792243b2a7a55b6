//! A log in memory for the nodes of a test, with the faults that a real one has.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Condvar, Mutex, MutexGuard},
    time::Duration,
};

use hiveboard_settings::{Entries, Published, Replicate, Result, SettingsError};

#[derive(Default)]
pub(crate) struct SharedLog {
    cluster: String,
    state: Mutex<State>,
    news: Condvar,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) entries: Vec<Vec<u8>>,
    /// The last one that was let go.
    pub(crate) trimmed: u64,
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    pub(crate) is_away: bool,
    /// What becomes of the next entry's acknowledgement, which is stored in any case.
    pub(crate) next_answer: Option<Lost>,
}

#[derive(Clone, Copy)]
pub(crate) enum Lost {
    /// Nothing comes.
    Unavailable,
    /// It was sent again, and what was sent before came first.
    Conflict,
}

impl SharedLog {
    pub(crate) fn of_cluster(cluster: &str) -> Self {
        Self { cluster: cluster.to_owned(), ..Self::default() }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn reached(&self) -> Result<MutexGuard<'_, State>> {
        let state = self.state();
        if state.is_away { Err(SettingsError::Unavailable("the log is away".to_owned())) } else { Ok(state) }
    }
}

impl Replicate for SharedLog {
    fn cluster(&self) -> &str {
        &self.cluster
    }

    fn publish(&self, last: u64, _id: &str, entry: &[u8]) -> Result<Published> {
        let mut state = self.reached()?;
        if state.entries.len() as u64 != last {
            return Ok(Published::Conflict);
        }
        state.entries.push(entry.to_vec());
        self.news.notify_all();
        match state.next_answer.take() {
            None => Ok(Published::At(last + 1)),
            Some(Lost::Conflict) => Ok(Published::Conflict),
            Some(Lost::Unavailable) => Err(SettingsError::Unavailable("no answer came".to_owned())),
        }
    }

    fn entries_after(&self, last: u64) -> Result<Entries> {
        let state = self.reached()?;
        if last < state.trimmed {
            return Ok(Entries::Trimmed);
        }
        let entries = state.entries.iter().enumerate().skip(last as usize).take(100);
        Ok(Entries::Some(entries.map(|(place, entry)| (place as u64 + 1, entry.clone())).collect()))
    }

    fn wait_after(&self, last: u64, patience: Duration) {
        let nothing = |state: &mut State| state.is_away || state.entries.len() as u64 <= last;
        drop(self.news.wait_timeout_while(self.state(), patience, nothing).unwrap());
    }

    fn trim(&self, last: u64) -> Result<()> {
        self.reached()?.trimmed = last;
        Ok(())
    }

    fn keep_file(&self, name: &str, file: &Path) -> Result<()> {
        let bytes = std::fs::read(file).unwrap();
        self.reached()?.files.insert(name.to_owned(), bytes);
        Ok(())
    }

    fn fetch_file(&self, name: &str, into: &Path) -> Result<bool> {
        let state = self.reached()?;
        let Some(bytes) = state.files.get(name) else { return Ok(false) };
        std::fs::write(into, bytes).unwrap();
        Ok(true)
    }

    fn file_names(&self) -> Result<Vec<String>> {
        Ok(self.reached()?.files.keys().cloned().collect())
    }

    fn forget_file(&self, name: &str) -> Result<()> {
        self.reached()?.files.remove(name);
        Ok(())
    }
}
