//! How fast passwords may be tried: per account and per address. Never locked for ever: whoever is too fast is told when to come back, and
//! an address from which an account was entered before has a pace of its own, so that strangers cannot keep its owner out.

use std::{collections::HashSet, net::IpAddr, num::NonZeroU32, time::Duration};

use governor::{
    DefaultKeyedRateLimiter, NotUntil, Quota, RateLimiter,
    clock::{Clock, DefaultClock, QuantaInstant},
};
use hiveboard_wire::ErrorCode;
use metrics::counter;
use parking_lot::Mutex;

use crate::error::{ApiError, ApiResult};

/// Tries at once, and how often one more.
const OF_ACCOUNT: (u32, Duration) = (10, Duration::from_secs(10));
const OF_ADDRESS: (u32, Duration) = (60, Duration::from_secs(2));
/// Mails with a link for a new password: at once, and how often one more.
const MAILS_OF_ACCOUNT: (u32, Duration) = (3, Duration::from_secs(600));
/// Pairs of account and address that are remembered.
const REMEMBERED: usize = 10_000;

type Account = (String, Option<IpAddr>);

pub struct Door {
    by_account: DefaultKeyedRateLimiter<Account>,
    by_address: DefaultKeyedRateLimiter<IpAddr>,
    mails: DefaultKeyedRateLimiter<String>,
    familiar: Mutex<HashSet<(String, IpAddr)>>,
}

fn quota((at_once, every): (u32, Duration)) -> Quota {
    Quota::with_period(every)
        .expect("the constants are above zero")
        .allow_burst(NonZeroU32::new(at_once).expect("the constants are above zero"))
}

impl Default for Door {
    fn default() -> Self {
        Self {
            by_account: RateLimiter::keyed(quota(OF_ACCOUNT)),
            by_address: RateLimiter::keyed(quota(OF_ADDRESS)),
            mails: RateLimiter::keyed(quota(MAILS_OF_ACCOUNT)),
            familiar: Mutex::default(),
        }
    }
}

impl Door {
    /// Counts a try of a password before it is looked at.
    ///
    /// # Errors
    /// When too many came before; says when to come back.
    pub(crate) fn knock(&self, email: &str, address: IpAddr) -> ApiResult<()> {
        self.knock_with_link(address)?;
        let address = address.to_canonical();
        let email = email.trim().to_lowercase();
        let known = self.familiar.lock().contains(&(email.clone(), address));
        Self::pass(self.by_account.check_key(&(email, known.then_some(address))))
    }

    /// Counts a try of a link.
    ///
    /// # Errors
    /// When too many came before; says when to come back.
    pub(crate) fn knock_with_link(&self, address: IpAddr) -> ApiResult<()> {
        Self::pass(self.by_address.check_key(&address.to_canonical()))
    }

    /// Whether one more mail may be sent to an account; nobody's mailbox is filled by strangers.
    pub(crate) fn may_mail(&self, email: &str) -> bool {
        self.mails.check_key(&email.trim().to_lowercase()).is_ok()
    }

    fn pass(tried: Result<(), NotUntil<QuantaInstant>>) -> ApiResult<()> {
        let Err(until) = tried else { return Ok(()) };
        let wait = until.wait_time_from(DefaultClock::default().now());
        counter!("hiveboard_passwords_slowed_total").increment(1);
        let seconds = wait.as_secs() + 1;
        Err(ApiError::new(
            ErrorCode::RateLimitExceeded,
            format!("Too many tries to enter; try again in {seconds} s. Nothing is locked."),
        )
        .retry_after(seconds))
    }

    /// Remembers that an account was entered from an address.
    pub(crate) fn entered(&self, email: &str, address: IpAddr) {
        let mut familiar = self.familiar.lock();
        if familiar.len() >= REMEMBERED {
            familiar.clear();
        }
        familiar.insert((email.trim().to_lowercase(), address.to_canonical()));
    }

    pub(crate) fn tidy(&self) {
        self.by_account.retain_recent();
        self.by_address.retain_recent();
        self.mails.retain_recent();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_are_slowed_and_do_not_keep_the_owner_out() {
        let door = Door::default();
        let (home, strange): (IpAddr, IpAddr) = ([10, 0, 0, 1].into(), [10, 0, 0, 2].into());
        door.entered("Ada@example.org ", home);
        for _ in 0..10 {
            door.knock("ada@example.org", strange).expect("not too many yet");
        }
        let refused = door.knock("ada@example.org", strange).expect_err("too many");
        assert_eq!(refused.code(), ErrorCode::RateLimitExceeded);
        door.knock("ada@example.org", [10, 0, 0, 3].into()).expect_err("from another address as well");
        door.knock("ada@example.org", home).expect("the owner's own address has its own pace");
        for number in 0..70 {
            drop(door.knock(&format!("{number}@example.org"), strange));
        }
        door.knock("new@example.org", strange).expect_err("an address that tries many accounts");
    }
}
