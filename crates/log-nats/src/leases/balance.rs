//! Which partitions a node takes and which it gives up, so that all nodes hold about as many.

use std::collections::{BTreeMap, BTreeSet};

/// What a node should do now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// Partitions to try, in this order. Nobody owns them.
    pub take: Vec<u16>,
    /// One at a time, so that only one is between two owners.
    pub give_up: Option<u16>,
}

/// Every node works it out for itself, from the same entries: nodes that take partitions, and the owner of each partition that has one. (An owner that is no such
/// node keeps what it has until it leaves.) Who has more than a fair share gives up where others have less; what a node has, it keeps.
pub fn balance(partitions: u16, me: &str, nodes: &BTreeSet<String>, owners: &BTreeMap<u16, String>) -> Plan {
    let Some(rank) = nodes.iter().position(|node| node == me) else { return Plan::default() };
    let held = |node: &str| owners.values().filter(|owner| *owner == node).count();
    let (mine, count) = (held(me), usize::from(partitions));
    let least = count / nodes.len();
    let most = count.div_ceil(nodes.len());
    let missing = nodes.iter().map(|node| least.saturating_sub(held(node))).sum::<usize>();
    let unowned: Vec<u16> = (0..partitions).filter(|partition| !owners.contains_key(partition)).collect();

    let wanted = if mine < least {
        least - mine
    } else {
        // One above the least, when nobody needs it more.
        usize::from(mine < most && unowned.len() > missing)
    };
    // Each begins elsewhere, so that they seldom try the same.
    let begin = if unowned.is_empty() { 0 } else { rank * unowned.len() / nodes.len() };
    let take = unowned.iter().cycle().skip(begin).take(wanted.min(unowned.len())).copied().collect();

    let someone_waits = missing > unowned.len() && mine > least;
    let give_up = (mine > most || someone_waits)
        .then(|| owners.iter().rev().find(|(_, owner)| *owner == me).map(|(partition, _)| *partition))
        .flatten();
    Plan { take, give_up }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Lets all nodes act in turns until nobody does anything; answers how many turns that took.
    fn settle(partitions: u16, nodes: &BTreeSet<String>, owners: &mut BTreeMap<u16, String>) -> usize {
        for turn in 0..1_000 {
            let mut acted = false;
            for node in nodes {
                let plan = balance(partitions, node, nodes, owners);
                for partition in plan.take {
                    owners.entry(partition).or_insert_with(|| node.clone());
                    acted = true;
                }
                if let Some(partition) = plan.give_up {
                    assert_eq!(owners.remove(&partition).as_ref(), Some(node), "a node gives up its own alone");
                    acted = true;
                }
            }
            if !acted {
                return turn;
            }
        }
        panic!("it never settles: {owners:?}");
    }

    fn names(count: usize) -> BTreeSet<String> {
        (0..count).map(|number| format!("node-{number}")).collect()
    }

    fn counts(nodes: &BTreeSet<String>, owners: &BTreeMap<u16, String>) -> Vec<usize> {
        nodes.iter().map(|node| owners.values().filter(|owner| *owner == node).count()).collect()
    }

    #[test]
    fn a_node_that_joins_takes_its_share_and_one_that_dies_leaves_it() {
        let mut owners = BTreeMap::new();
        settle(8, &names(1), &mut owners);
        assert_eq!(counts(&names(1), &owners), [8]);
        settle(8, &names(3), &mut owners);
        let mut after = counts(&names(3), &owners);
        after.sort_unstable();
        assert_eq!(after, [2, 3, 3]);
        let kept: Vec<u16> = owners.iter().filter(|(_, owner)| *owner == "node-0").map(|(at, _)| *at).collect();
        owners.retain(|_, owner| owner != "node-2");
        settle(8, &names(2), &mut owners);
        assert_eq!(counts(&names(2), &owners), [4, 4]);
        assert!(kept.iter().all(|partition| owners[partition] == "node-0"), "what a node has, it keeps");
    }

    #[test]
    fn who_takes_no_partitions_does_nothing() {
        assert_eq!(balance(8, "front", &names(2), &BTreeMap::new()), Plan::default());
    }

    proptest! {
        #[test]
        fn from_any_beginning_all_is_owned_evenly(
            partitions in 1_u16..40,
            count in 1_usize..9,
            given in proptest::collection::btree_map(0_u16..40, 0_usize..12, 0..40),
        ) {
            let nodes = names(count);
            let mut owners: BTreeMap<u16, String> = given
                .into_iter()
                .filter(|(partition, node)| *partition < partitions && *node < count)
                .map(|(partition, node)| (partition, format!("node-{node}")))
                .collect();
            settle(partitions, &nodes, &mut owners);
            prop_assert_eq!(owners.len(), usize::from(partitions));
            let counts = counts(&nodes, &owners);
            let (least, most) = (counts.iter().min().unwrap_or(&0), counts.iter().max().unwrap_or(&0));
            prop_assert!(most - least <= 1, "{counts:?}");
        }
    }
}
