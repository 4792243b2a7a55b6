//! What waits in the outbox, and in which order it goes.

use hiveboard_settings::{
    AlertRecord, Alerts, ChannelRecord, DEFAULT_WORKSPACE, DeliveryRecord, NewDelivery, Outcome, SqliteSettings,
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
