//! Keys that were seen, right and wrong ones, so that most requests ask the settings nothing.

use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use hiveboard_settings::{KeyRecord, Settings};
use hiveboard_wire::{ErrorCode, Timestamp};
use metrics::counter;
use parking_lot::{Mutex, RwLock};
use tokio::sync::Semaphore;

use crate::{caller::Caller, error::ApiError};

/// Wrong keys that are remembered. A key cannot be shown before it is made, so that one of these stays wrong.
const REMEMBERED_WRONG_KEYS: usize = 10_000;
/// Longest text that is looked up at all.
const KEY_CHARS: usize = 64;
/// Different wrong keys a second and address that are answered at once, and so many at first.
const WRONG_KEYS_PER_SECOND: u32 = 5;
const WRONG_KEYS_AT_FIRST: u32 = 50;
/// How long the answer to a further one waits.
const SLOWED_BY: Duration = Duration::from_secs(1);
/// Answers that wait at once; more are told to come back.
const SLOWED_AT_ONCE: usize = 1_000;

struct KnownKey {
    record: KeyRecord,
    /// Microseconds; 0 is never.
    last_used_at: AtomicI64,
    /// The same, as the settings know it.
    written_at: AtomicI64,
}

pub(super) struct KnownKeys {
    settings: Arc<dyn Settings>,
    right: RwLock<HashMap<Box<str>, KnownKey>>,
    wrong: Mutex<HashSet<Box<str>>>,
    wrong_by_address: DefaultKeyedRateLimiter<IpAddr>,
    slowed: Semaphore,
    /// How often all keys were looked at again.
    refreshes: AtomicU64,
}

impl KnownKeys {
    pub(super) fn new(settings: Arc<dyn Settings>) -> Self {
        let rate = |per_second| NonZeroU32::new(per_second).expect("the constants are above zero");
        let quota = Quota::per_second(rate(WRONG_KEYS_PER_SECOND)).allow_burst(rate(WRONG_KEYS_AT_FIRST));
        Self {
            settings,
            right: RwLock::default(),
            wrong: Mutex::default(),
            wrong_by_address: RateLimiter::keyed(quota),
            slowed: Semaphore::new(SLOWED_AT_ONCE),
            refreshes: AtomicU64::new(0),
        }
    }

    /// The key's caller; one that is not remembered is looked up before it is refused, so that a new key works at once.
    pub(super) fn find(&self, key: &str) -> Result<Option<Caller>, ApiError> {
        let now = Timestamp::now();
        if let Some(known) = self.right.read().get(key) {
            if !known.record.is_active(now) {
                return Ok(None);
            }
            known.last_used_at.fetch_max(now.micros(), Ordering::Relaxed);
            return Ok(Some(Caller::key(&known.record)));
        }
        if !key.starts_with("hb_") || key.len() > KEY_CHARS || self.wrong.lock().contains(key) {
            return Ok(None);
        }
        let refreshes = self.refreshes.load(Ordering::Acquire);
        let Some(record) = self.settings.find_key(key)? else { return Ok(None) };
        let caller = Caller::key(&record);
        let known =
            KnownKey { record, last_used_at: AtomicI64::new(Timestamp::now().micros()), written_at: AtomicI64::new(0) };
        let mut right = self.right.write();
        // What was read before a refresh may be revoked since, and the refresh did not see it here.
        if self.refreshes.load(Ordering::Acquire) == refreshes {
            right.insert(key.into(), known);
        }
        Ok(Some(caller))
    }

    /// Remembers a wrong key, and lets an address that shows many different ones wait. Right keys of the same address never wait.
    ///
    /// # Errors
    /// When too many wait already.
    pub(super) async fn slow_down(&self, key: &str, address: IpAddr) -> Result<(), ApiError> {
        if key.len() <= KEY_CHARS {
            let mut wrong = self.wrong.lock();
            if wrong.len() >= REMEMBERED_WRONG_KEYS {
                wrong.clear();
            }
            if !wrong.insert(key.into()) {
                // The same one again guesses nothing.
                return Ok(());
            }
        }
        counter!("hiveboard_wrong_keys_total").increment(1);
        if self.wrong_by_address.check_key(&address.to_canonical()).is_ok() {
            return Ok(());
        }
        let Ok(_waiting) = self.slowed.try_acquire() else {
            return Err(ApiError::new(
                ErrorCode::RateLimitExceeded,
                "Too many wrong keys from this address; try again later.",
            )
            .retry_after(5));
        };
        tokio::time::sleep(SLOWED_BY).await;
        Ok(())
    }

    /// Drops the keys that were revoked.
    pub(super) fn refresh(&self) {
        self.refreshes.fetch_add(1, Ordering::AcqRel);
        self.wrong.lock().clear();
        self.wrong_by_address.retain_recent();
        let known: Vec<Box<str>> = self.right.read().keys().cloned().collect();
        for key in known {
            match self.settings.find_key(&key) {
                Ok(Some(record)) => {
                    if let Some(known) = self.right.write().get_mut(&key) {
                        // Rotating gives a key an end.
                        known.record = record;
                    }
                }
                Ok(None) => drop(self.right.write().remove(&key)),
                Err(error) => {
                    tracing::warn!(%error, "a key could not be looked at; it is looked up again when it is used");
                    self.right.write().remove(&key);
                }
            }
        }
    }

    pub(super) fn write_last_used(&self) -> hiveboard_settings::Result<()> {
        let right = self.right.read();
        let used: Vec<(&KnownKey, i64)> = right
            .values()
            .map(|known| (known, known.last_used_at.load(Ordering::Relaxed)))
            .filter(|(known, at)| *at > known.written_at.load(Ordering::Relaxed))
            .collect();
        if used.is_empty() {
            return Ok(());
        }
        self.settings
            .touch_keys(&used.iter().map(|(known, at)| (known.record.id, Timestamp(*at))).collect::<Vec<_>>())?;
        for (known, at) in used {
            known.written_at.store(at, Ordering::Relaxed);
        }
        Ok(())
    }
}
