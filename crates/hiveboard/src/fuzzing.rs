//! Ways in for `fuzz/`: what a stranger writes into a query string.

use hiveboard_derive::{Projections, RunFilter, RunSort};
use hiveboard_store::Position;
use hiveboard_wire::Timestamp;

use crate::api::{
    agents::AgentParams,
    cost::{CallParams, CostParams, CostSeriesParams},
    events::EventParams,
    page::Paging,
    params::{ListParams, QueryString},
    tasks::{TaskParams, TimelineParams},
};

/// Reads a text as a cursor of each kind of list, and a place that it may spell as one that was given.
pub fn cursor(text: &str) {
    let query = |cursor: &str| {
        form_urlencoded::Serializer::new(String::new()).append_pair("cursor", cursor).append_pair("q", "a").finish()
    };
    let read = |paging: &Paging| {
        let _number = paging.place::<usize>();
        let _position = paging.place::<Position>();
        let Ok(Some(place)) = paging.place::<String>() else { return };
        let projections = Projections::default();
        for sort in [RunSort::Newest, RunSort::Oldest, RunSort::Duration, RunSort::Cost] {
            let _refused = projections.runs(&RunFilter::default(), sort, Some(&place), 10, Timestamp(0));
        }
    };
    let Ok(first) = Paging::new("/v1/tasks", &query("")) else { return };
    let given = first.cursor(text);
    let again = Paging::new("/v1/tasks", &query(&given)).expect("what was given is taken");
    assert_eq!(again.place::<String>().ok().flatten().as_deref(), Some(text), "a cursor leads where it was given");
    read(&again);
    let other = Paging::new("/v1/events", &query(&given)).expect("it is a cursor");
    assert!(other.place::<String>().is_err(), "of another list");
    if let Ok(raw) = Paging::new("/v1/tasks", &query(text)) {
        read(&raw);
    }
}

/// Reads a query string as the parameters of each list.
pub fn query(text: &str) {
    let Ok(query) = QueryString::parse(text) else { return };
    let _lists = (
        query.read::<EventParams>().map(|params| params.window(Timestamp(0))).is_ok(),
        query.read::<TaskParams>().map(|params| params.window(Timestamp(0))).is_ok(),
        query.read::<TimelineParams>().is_ok(),
        query.read::<CallParams>().map(|params| params.window(Timestamp(0))).is_ok(),
        query.read::<CostParams>().is_ok(),
        query.read::<CostSeriesParams>().is_ok(),
        query.read::<AgentParams>().is_ok(),
        query.read::<ListParams>().is_ok(),
    );
    let _paging = Paging::new("/v1/events", text).map(|paging| paging.place::<Position>().is_ok());
}
