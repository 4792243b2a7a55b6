//! How many connections one address may hold, so that one machine cannot hold all of them.

use std::{collections::HashMap, net::IpAddr, sync::Arc};

use ipnet::IpNet;
use metrics::counter;
use parking_lot::Mutex;

type Open = Arc<Mutex<HashMap<IpAddr, u32>>>;

/// Counts the connections of each address. The server's own machine and trusted proxies, which stand for many, are not counted.
#[derive(Clone, Default)]
pub(crate) struct PerAddress {
    /// 0 is no limit.
    most: u32,
    uncounted: Arc<[IpNet]>,
    open: Open,
}

/// A connection that counts until this is dropped.
pub(crate) struct Slot {
    /// `None`: it is not counted.
    counted: Option<(IpAddr, Open)>,
}

impl PerAddress {
    pub(crate) fn new(most: u32, uncounted: &[IpNet]) -> Self {
        Self { most, uncounted: uncounted.into(), open: Arc::default() }
    }

    /// `None` when the address has all that it may have.
    pub(crate) fn take(&self, address: IpAddr) -> Option<Slot> {
        let address = address.to_canonical();
        if self.most == 0 || address.is_loopback() || self.uncounted.iter().any(|network| network.contains(&address)) {
            return Some(Slot { counted: None });
        }
        let mut open = self.open.lock();
        let count = open.entry(address).or_default();
        if *count >= self.most {
            counter!("hiveboard_connections_refused_total").increment(1);
            return None;
        }
        *count += 1;
        Some(Slot { counted: Some((address, Arc::clone(&self.open))) })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let Some((address, open)) = &self.counted else { return };
        let mut open = open.lock();
        if let Some(count) = open.get_mut(address) {
            *count -= 1;
            if *count == 0 {
                open.remove(address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn an_address_has_its_share_and_others_have_theirs() {
        let counted = PerAddress::new(2, &["10.0.0.0/8".parse().expect("a network")]);
        let first = counted.take(address("203.0.113.9"));
        let second = counted.take(address("::ffff:203.0.113.9"));
        assert!(first.is_some() && second.is_some());
        assert!(counted.take(address("203.0.113.9")).is_none());
        assert!(counted.take(address("203.0.113.10")).is_some());
        drop(first);
        assert!(counted.take(address("203.0.113.9")).is_some(), "one ended");
        drop(second);
        assert!(counted.open.lock().is_empty(), "nothing stays of addresses that left");
    }

    #[test]
    fn own_machine_and_trusted_proxies_are_not_counted() {
        let counted = PerAddress::new(1, &["10.0.0.0/8".parse().expect("a network")]);
        let open: Vec<_> = ["127.0.0.1", "::1", "10.1.2.3"]
            .iter()
            .flat_map(|text| [counted.take(address(text)), counted.take(address(text))])
            .collect();
        assert!(open.iter().all(Option::is_some));
    }
}
