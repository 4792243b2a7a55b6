//! Delivers what waits in the outbox: a task a delivery, so that a slow receiver delays no other.

use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

use hiveboard_settings::{DeliveryRecord, Outcome};
use hiveboard_wire::Timestamp;
use metrics::{counter, histogram};
use parking_lot::Mutex;
use uuid::Uuid;

use super::{engine::publish, notify};
use crate::{app::App, blocking::blocking};

/// How often it is looked whether something is due.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// At the same time to one channel.
const AT_ONCE: usize = 4;
/// Seconds before each further attempt; then it is given up.
const RETRY_SECONDS: [i64; 5] = [5, 30, 120, 600, 3_600];

/// Delivers until the server stops.
pub(crate) fn start(app: &Arc<App>) {
    let app = Arc::clone(app);
    let under_way: Arc<Mutex<HashSet<Uuid>>> = Arc::default();
    let mut stopping = app.stopping.subscribe();
    tokio::spawn(async move {
        loop {
            tokio::select! {
                () = app.alerts.outbox.notified() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
                _ = stopping.changed() => return,
            }
            let looking = Arc::clone(&app);
            let due = blocking(move || Ok(looking.settings.due_deliveries(looking.clock.now(), AT_ONCE)?)).await;
            // What is under way still waits, so that a channel has no more than these at once.
            for delivery in due.unwrap_or_default().into_iter().filter(|delivery| app.share.holds(delivery.scope)) {
                if under_way.lock().insert(delivery.delivery_id) {
                    let (app, under_way) = (Arc::clone(&app), Arc::clone(&under_way));
                    tokio::spawn(async move {
                        let id = delivery.delivery_id;
                        deliver(&app, delivery).await;
                        under_way.lock().remove(&id);
                    });
                }
            }
        }
    });
}

async fn deliver(app: &Arc<App>, delivery: DeliveryRecord) {
    let (settings, workspace) = (Arc::clone(&app.settings), delivery.scope.workspace);
    let Ok(channels) = blocking(move || Ok(settings.alert_channels(workspace)?)).await else { return };
    let channel = channels.into_iter().find(|channel| channel.channel_id == delivery.channel_id);
    let (kind, result) = match &channel {
        None => ("none", Err(notify::Failure::fatal("the channel was deleted"))),
        Some(channel) => {
            let began = Instant::now();
            let result = notify::send(app, channel, &delivery).await;
            let kind = notify::Kind::parse(&channel.kind).map_or("unknown", notify::Kind::as_str);
            histogram!("hiveboard_alert_delivery_seconds", "channel" => kind).record(began.elapsed().as_secs_f64());
            (kind, result)
        }
    };
    let now = app.clock.now();
    let outcome = outcome(result, delivery.attempt, delivery.delivery_id, now);
    let word = match &outcome {
        Outcome::Delivered => "delivered",
        Outcome::Retry { .. } => "failed",
        Outcome::GivenUp { error } => {
            tracing::warn!(channel_id = %delivery.channel_id, delivery_id = %delivery.delivery_id, %error, "an alert was given up undelivered");
            "dead"
        }
    };
    counter!("hiveboard_alert_deliveries_total", "channel" => kind, "result" => word).increment(1);
    let told = Arc::clone(app);
    let written = blocking(move || {
        told.settings.delivery_tried(delivery.delivery_id, now, &outcome)?;
        if let Some(alert_id) = delivery.alert_id {
            publish(&told, delivery.scope, alert_id);
        }
        Ok(())
    });
    if written.await.is_err() {
        tracing::error!("what became of a delivery could not be written down; it may be sent again, under its id");
    }
}

fn outcome(result: Result<(), notify::Failure>, attempt: u32, delivery_id: Uuid, now: Timestamp) -> Outcome {
    match result {
        Ok(()) => Outcome::Delivered,
        Err(failure) => match RETRY_SECONDS.get(attempt as usize).filter(|_| !failure.is_fatal) {
            Some(seconds) => {
                let due_at = now.plus_micros(jittered(*seconds, delivery_id, attempt));
                Outcome::Retry { due_at, error: failure.what }
            }
            None => Outcome::GivenUp { error: failure.what },
        },
    }
}

/// Up to a tenth more, so that what failed together is not tried again together. Microseconds.
fn jittered(seconds: i64, delivery_id: Uuid, attempt: u32) -> i64 {
    let draw = (delivery_id.as_u128() >> (attempt * 8)) as i64 & 0xff;
    seconds * 1_000_000 + seconds * 100_000 * draw / 255
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_tried_six_times_and_then_given_up() {
        let id = Uuid::from_u128(u128::MAX);
        let failed = || Err(notify::Failure::passing("answered 500"));
        let wait = |attempt| match outcome(failed(), attempt, id, Timestamp(0)) {
            Outcome::Retry { due_at, error } => {
                assert_eq!(error, "answered 500");
                due_at.micros()
            }
            other => panic!("{other:?}"),
        };
        assert_eq!([0, 1, 2, 3, 4].map(wait), [5_500_000, 33_000_000, 132_000_000, 660_000_000, 3_960_000_000]);
        assert_eq!(jittered(5, Uuid::nil(), 3), 5_000_000);
        assert_eq!(outcome(failed(), 5, id, Timestamp(0)), Outcome::GivenUp { error: "answered 500".to_owned() });
        let fatal = Err(notify::Failure::fatal("forbidden"));
        assert!(matches!(outcome(fatal, 0, id, Timestamp(0)), Outcome::GivenUp { .. }));
        assert_eq!(outcome(Ok(()), 0, id, Timestamp(0)), Outcome::Delivered);
    }
}
