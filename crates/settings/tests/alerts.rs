//! What waits in the outbox, and in which order it goes.

use hiveboard_settings::{
    AlertFilter, AlertRecord, Alerts, ChannelRecord, DEFAULT_WORKSPACE, DeliveryRecord, NewDelivery, Outcome,
    SqliteSettings,
};
use hiveboard_wire::{Mode, Scope, Timestamp};
use uuid::Uuid;

const SCOPE: Scope = Scope { workspace: DEFAULT_WORKSPACE, mode: Mode::Live };

fn at(seconds: i64) -> Timestamp {
    Timestamp(seconds * 1_000_000)
}

fn alert(number: u128) -> AlertRecord {
    AlertRecord {
        alert_id: Uuid::from_u128(number),
        rule_id: "r".to_owned(),
        subject: number.to_string(),
        severity: "warning".to_owned(),
        agent_id: None,
        task_id: None,
        project_id: None,
        environment: None,
        group: None,
        started_at: at(1),
        resolved_at: None,
        acknowledged_at: None,
        acknowledged_by: None,
        body: "{}".to_owned(),
    }
}

/// The end of an alert must not overtake its beginning: what opens an incident after its end leaves it open for ever.
#[test]
fn the_end_of_an_alert_waits_for_its_beginning_on_each_channel() {
    let dir = tempfile::tempdir().unwrap();
    let settings = SqliteSettings::open(dir.path()).unwrap();
    let [one, other] = [1, 2].map(|number| ChannelRecord {
        channel_id: Uuid::from_u128(number),
        name: number.to_string(),
        kind: "webhook".to_owned(),
        config: "{}".to_owned(),
        secrets: "{}".to_owned(),
        created_at: at(0),
        updated_at: at(0),
    });
    for channel in [&one, &other] {
        settings.save_alert_channel(DEFAULT_WORKSPACE, channel).unwrap();
    }
    // The ids are so that the end would come first by them.
    let delivery = |id: u128, channel: &ChannelRecord, kind: &str| NewDelivery {
        delivery_id: Uuid::from_u128(id),
        alert_id: Some(Uuid::from_u128(7)),
        channel_id: channel.channel_id,
        kind: kind.to_owned(),
        message: "{}".to_owned(),
    };
    let firing = [delivery(9, &one, "alert.firing"), delivery(8, &other, "alert.firing")];
    let resolved = [delivery(3, &one, "alert.resolved"), delivery(2, &other, "alert.resolved")];
    // Both within one look: written at the same instant.
    settings.record_alerts(SCOPE, &[alert(7)], &[resolved, firing].concat(), at(10)).unwrap();
    let due = |seconds| {
        let ids =
            |found: Vec<DeliveryRecord>| found.into_iter().map(|one| one.delivery_id.as_u128()).collect::<Vec<_>>();
        let mut ids = ids(settings.due_deliveries(at(seconds), 4).unwrap());
        ids.sort_unstable();
        ids
    };
    assert_eq!(due(10), [8, 9]);
    let retry = Outcome::Retry { due_at: at(15), error: "it answered 500".to_owned() };
    settings.delivery_tried(Uuid::from_u128(9), at(10), &retry).unwrap();
    settings.delivery_tried(Uuid::from_u128(8), at(10), &Outcome::Delivered).unwrap();
    assert_eq!(due(11), [2], "the other channel goes on");
    assert_eq!(due(15), [2, 9]);
    let given_up = Outcome::GivenUp { error: "it answered 500".to_owned() };
    settings.delivery_tried(Uuid::from_u128(9), at(15), &given_up).unwrap();
    assert_eq!(due(16), [2, 3], "what was given up holds nothing up");
    assert_eq!(due(-3_600), Vec::<u128>::new());
    assert_eq!(due(-3 * 3_600), [2, 3], "nothing waits for hours: the clock was set back");
}

/// Who serves a scope no longer, and does not know yet, tells of what another has told of.
#[test]
fn an_alert_is_open_once_and_ends_once_whoever_tells_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let settings = SqliteSettings::open(dir.path()).unwrap();
    let channel = ChannelRecord {
        channel_id: Uuid::from_u128(1),
        name: "c".to_owned(),
        kind: "webhook".to_owned(),
        config: "{}".to_owned(),
        secrets: "{}".to_owned(),
        created_at: at(0),
        updated_at: at(0),
    };
    settings.save_alert_channel(DEFAULT_WORKSPACE, &channel).unwrap();
    let delivery = |id: u128, alert: u128, kind: &str| NewDelivery {
        delivery_id: Uuid::from_u128(id),
        alert_id: Some(Uuid::from_u128(alert)),
        channel_id: channel.channel_id,
        kind: kind.to_owned(),
        message: "{}".to_owned(),
    };
    let known = || -> Vec<(u128, Option<i64>)> {
        let all = settings.alerts(SCOPE, &AlertFilter::default(), None, 10).unwrap();
        all.into_iter().map(|one| (one.alert_id.as_u128(), one.resolved_at.map(|at| at.0))).collect()
    };
    let waiting = || -> Vec<u128> {
        let all = settings.deliveries(SCOPE, None, None, 10).unwrap();
        let mut ids: Vec<u128> = all.into_iter().map(|one| one.delivery_id.as_u128()).collect();
        ids.sort_unstable();
        ids
    };
    settings.record_alerts(SCOPE, &[alert(7)], &[delivery(70, 7, "alert.firing")], at(1)).unwrap();
    let late = AlertRecord { alert_id: Uuid::from_u128(8), ..alert(7) };
    let another = AlertRecord { alert_id: Uuid::from_u128(9), subject: "9".to_owned(), ..alert(7) };
    let told = [delivery(80, 8, "alert.firing"), delivery(90, 9, "alert.firing")];
    settings.record_alerts(SCOPE, &[late, another], &told, at(2)).unwrap();
    assert_eq!((known(), waiting()), (vec![(9, None), (7, None)], vec![70, 90]), "what comes with it is told of");
    for seconds in [3, 4] {
        let over = AlertRecord { resolved_at: Some(at(seconds)), ..alert(7) };
        settings.record_alerts(SCOPE, &[over], &[delivery(71, 7, "alert.resolved")], at(seconds)).unwrap();
    }
    assert_eq!((known(), waiting()), (vec![(9, None), (7, Some(at(3).0))], vec![70, 71, 90]));
}
