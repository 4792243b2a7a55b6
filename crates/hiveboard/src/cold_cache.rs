//! Rows of the archive that were read lately: they never change, and lists open the same ones again and again.

use std::{collections::HashMap, sync::Arc};

use hiveboard_wire::Scope;
use parking_lot::Mutex;

/// What all rows together may take.
const MOST_BYTES: usize = 32 << 20;

type Key = (Scope, u8, Box<[u8]>);

/// Rows in two halves: those used since the halves were last turned, and those used before. What is in neither was not used for long.
#[derive(Default)]
struct Halves {
    young: HashMap<Key, Arc<Vec<u8>>>,
    young_bytes: usize,
    old: HashMap<Key, Arc<Vec<u8>>>,
}

#[derive(Default)]
pub(crate) struct ColdCache(Mutex<Halves>);

impl ColdCache {
    /// The row as it was read, or as `read` reads it now.
    pub(crate) fn get<E>(
        &self,
        scope: Scope,
        table: u8,
        key: &[u8],
        read: impl FnOnce() -> Result<Option<Vec<u8>>, E>,
    ) -> Result<Option<Arc<Vec<u8>>>, E> {
        let key: Key = (scope, table, key.into());
        if let Some(known) = self.0.lock().find(&key) {
            return Ok(Some(known));
        }
        // Two who miss the same row both read it.
        let Some(row) = read()?.map(Arc::new) else { return Ok(None) };
        self.0.lock().keep(key, Arc::clone(&row));
        Ok(Some(row))
    }
}

impl Halves {
    fn find(&mut self, key: &Key) -> Option<Arc<Vec<u8>>> {
        if let Some(known) = self.young.get(key) {
            return Some(Arc::clone(known));
        }
        let (key, known) = self.old.remove_entry(key)?;
        self.keep(key, Arc::clone(&known));
        Some(known)
    }

    fn keep(&mut self, key: Key, row: Arc<Vec<u8>>) {
        if self.young_bytes + row.len() > MOST_BYTES / 2 {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        self.young_bytes += row.len();
        if let Some(replaced) = self.young.insert(key, row) {
            self.young_bytes -= replaced.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use hiveboard_wire::{Mode, WorkspaceId};

    use super::*;

    #[test]
    fn what_is_used_stays_and_the_rest_goes() {
        let cache = ColdCache::default();
        let scope = Scope { workspace: WorkspaceId(1), mode: Mode::Live };
        let mut reads = 0;
        let mut get = |number: u32| {
            cache.get::<()>(scope, 64, &number.to_be_bytes(), || {
                reads += 1;
                Ok(Some(vec![number as u8; 1 << 20]))
            })
        };
        for number in 0..200 {
            assert_eq!(get(number).unwrap().unwrap()[0], number as u8);
            get(0).unwrap();
        }
        assert_eq!(reads, 200, "the one that is used again and again was read once");
        let halves = cache.0.lock();
        assert!((halves.young.len() + halves.old.len()) << 20 <= MOST_BYTES);
        assert_eq!(halves.young_bytes, halves.young.len() << 20);
    }

    #[test]
    fn rows_of_scopes_are_apart_and_what_is_missing_is_asked_for_again() {
        let cache = ColdCache::default();
        let scope = |mode| Scope { workspace: WorkspaceId(1), mode };
        let live = cache.get::<()>(scope(Mode::Live), 64, b"k", || Ok(Some(vec![1]))).unwrap();
        assert_eq!(live.as_deref(), Some(&vec![1]));
        assert_eq!(cache.get::<()>(scope(Mode::Test), 64, b"k", || Ok(None)).unwrap(), None);
        let test = cache.get::<()>(scope(Mode::Test), 64, b"k", || Ok(Some(vec![2]))).unwrap();
        assert_eq!(test.as_deref(), Some(&vec![2]));
        assert_eq!(cache.get::<&str>(scope(Mode::Live), 65, b"k", || Err("no disk")), Err("no disk"));
    }
}
