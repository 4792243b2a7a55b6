//! Name look-ups, remembered for a while.
//!
//! The HTTP library looks a name up before every request, even where it goes on over a connection it has, and starts a
//! thread for it; for one address that is asked for again and again, that costs more than the request.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// A server that moves is found at its new address after this long, or after the first failure.
const REMEMBERED_FOR: Duration = Duration::from_secs(60);

/// Looks names up, and remembers the last one.
#[derive(Debug, Clone, Default)]
pub(crate) struct RememberingResolver {
    last: Arc<Mutex<Option<Remembered>>>,
    instead: Option<Uri>,
}

#[derive(Debug)]
struct Remembered {
    uri: Uri,
    at: Instant,
    addresses: Vec<std::net::SocketAddr>,
}

impl RememberingResolver {
    /// Looks another address up than it is asked for: that of a proxy.
    pub(crate) fn instead(address: Option<Uri>) -> Self {
        Self { last: Arc::default(), instead: address }
    }

    /// Forgets what it remembers: it led nowhere.
    pub(crate) fn forget(&self) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Resolver for RememberingResolver {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = last.as_ref().filter(|known| known.uri == *uri && known.at.elapsed() < REMEMBERED_FOR) {
            let mut addresses = self.empty();
            for &address in &known.addresses {
                addresses.push(address);
            }
            return Ok(addresses);
        }
        let found = DefaultResolver::default().resolve(self.instead.as_ref().unwrap_or(uri), config, timeout)?;
        *last = Some(Remembered { uri: uri.clone(), at: Instant::now(), addresses: found.iter().copied().collect() });
        Ok(found)
    }
}
