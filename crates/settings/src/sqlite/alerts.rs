//! Alerts in `settings.db`.

use hiveboard_wire::{Mode, Scope, Timestamp, WorkspaceId};
use rusqlite::{OptionalExtension, Row, params, params_from_iter, types::Value};
use uuid::Uuid;

use super::{SqliteSettings, writing::Writing};
use crate::{
    AlertFilter, AlertRecord, Alerts, ChannelRecord, DeliveryRecord, DeliveryState, NewDelivery, Outcome, Result,
    RuleRecord,
};

pub(super) const MIGRATION: &str = "
    CREATE TABLE alert_rules(
        rule_id BLOB PRIMARY KEY,
        workspace INTEGER NOT NULL REFERENCES workspaces(id),
        mode TEXT NOT NULL,
        body TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX alert_rules_of_scope ON alert_rules(workspace, mode, created_at);
    CREATE TABLE alert_rules_begun(
        workspace INTEGER NOT NULL REFERENCES workspaces(id),
        mode TEXT NOT NULL,
        PRIMARY KEY(workspace, mode)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE alert_channels(
        channel_id BLOB PRIMARY KEY,
        workspace INTEGER NOT NULL REFERENCES workspaces(id),
        name TEXT NOT NULL,
        kind TEXT NOT NULL,
        config TEXT NOT NULL,
        secrets TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE alerts(
        alert_id BLOB PRIMARY KEY,
        workspace INTEGER NOT NULL REFERENCES workspaces(id),
        mode TEXT NOT NULL,
        rule_id TEXT NOT NULL,
        subject TEXT NOT NULL,
        severity TEXT NOT NULL,
        agent_id TEXT,
        task_id TEXT,
        project_id TEXT,
        started_at INTEGER NOT NULL,
        resolved_at INTEGER,
        acknowledged_at INTEGER,
        acknowledged_by TEXT,
        body TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX alerts_of_scope ON alerts(workspace, mode, started_at);
    CREATE UNIQUE INDEX alerts_open ON alerts(workspace, mode, rule_id, subject) WHERE resolved_at IS NULL;
    CREATE INDEX alerts_resolved ON alerts(resolved_at) WHERE resolved_at IS NOT NULL;
    CREATE TABLE alert_deliveries(
        delivery_id BLOB PRIMARY KEY,
        workspace INTEGER NOT NULL,
        mode TEXT NOT NULL,
        alert_id BLOB REFERENCES alerts(alert_id) ON DELETE CASCADE,
        channel_id BLOB NOT NULL,
        kind TEXT NOT NULL,
        message TEXT NOT NULL,
        state TEXT NOT NULL,
        attempt INTEGER NOT NULL DEFAULT 0,
        due_at INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        tried_at INTEGER,
        error TEXT
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX alert_deliveries_of_alert ON alert_deliveries(alert_id);
    CREATE INDEX alert_deliveries_of_scope ON alert_deliveries(workspace, mode, created_at);
    CREATE INDEX alert_deliveries_due ON alert_deliveries(channel_id, due_at) WHERE state = 'waiting';
";

/// What lists find them by; of alerts from before it is not known.
pub(super) const LABELS_MIGRATION: &str = "
    ALTER TABLE alerts ADD COLUMN environment TEXT;
    ALTER TABLE alerts ADD COLUMN group_name TEXT;
";

/// More than the longest wait between two attempts.
const MOST_WAIT_SECONDS: i64 = 2 * 3_600;

const RULE: &str = "rule_id, body, created_at, updated_at";
const CHANNEL: &str = "channel_id, name, kind, config, secrets, created_at, updated_at";
const ALERT: &str = "alert_id, rule_id, subject, severity, agent_id, task_id, project_id, started_at, resolved_at, \
     acknowledged_at, acknowledged_by, body, environment, group_name";
const DELIVERY: &str = "delivery_id, workspace, mode, alert_id, channel_id, kind, message, state, attempt, due_at, \
     created_at, tried_at, error";

/// Which alerts are wanted. Only what is given stands in the statement, so that an index can serve it.
struct Wanted {
    sql: String,
    values: Vec<Value>,
}

impl Wanted {
    fn of(scope: Scope, filter: &AlertFilter) -> Self {
        let values = vec![Value::Integer(scope.workspace.0.into()), Value::Text(scope.mode.as_str().to_owned())];
        let mut wanted = Self { sql: "workspace = ? AND mode = ?".to_owned(), values };
        if let Some(is_firing) = filter.is_firing {
            wanted.sql += if is_firing { " AND resolved_at IS NULL" } else { " AND resolved_at IS NOT NULL" };
        }
        if let Some(is_acknowledged) = filter.is_acknowledged {
            wanted.sql +=
                if is_acknowledged { " AND acknowledged_at IS NOT NULL" } else { " AND acknowledged_at IS NULL" };
        }
        for (condition, text) in [
            ("severity = ?", &filter.severity),
            ("rule_id = ?", &filter.rule_id),
            ("agent_id = ?", &filter.agent_id),
            ("task_id = ?", &filter.task_id),
            ("environment = ?", &filter.environment),
            ("group_name = ?", &filter.group),
        ] {
            if let Some(text) = text {
                wanted.and(condition, text.clone());
            }
        }
        if !filter.project_ids.is_empty() {
            wanted.sql += " AND project_id IN (";
            wanted.sql += &vec!["?"; filter.project_ids.len()].join(", ");
            wanted.sql.push(')');
            wanted.values.extend(filter.project_ids.iter().cloned().map(Value::Text));
        }
        if let Some(since) = filter.since {
            wanted.and("started_at >= ?", since.0);
        }
        if let Some(until) = filter.until {
            wanted.and("started_at < ?", until.0);
        }
        wanted
    }

    fn and(&mut self, condition: &str, value: impl Into<Value>) {
        self.sql.push_str(" AND ");
        self.sql.push_str(condition);
        self.values.push(value.into());
    }
}

fn id(row: &Row<'_>, column: usize) -> rusqlite::Result<Uuid> {
    let bytes: Vec<u8> = row.get(column)?;
    Ok(Uuid::from_slice(&bytes).unwrap_or_default())
}

fn rule(row: &Row<'_>) -> rusqlite::Result<RuleRecord> {
    Ok(RuleRecord {
        rule_id: id(row, 0)?,
        body: row.get(1)?,
        created_at: Timestamp(row.get(2)?),
        updated_at: Timestamp(row.get(3)?),
    })
}

fn channel(row: &Row<'_>) -> rusqlite::Result<ChannelRecord> {
    Ok(ChannelRecord {
        channel_id: id(row, 0)?,
        name: row.get(1)?,
        kind: row.get(2)?,
        config: row.get(3)?,
        secrets: row.get(4)?,
        created_at: Timestamp(row.get(5)?),
        updated_at: Timestamp(row.get(6)?),
    })
}

fn alert(row: &Row<'_>) -> rusqlite::Result<AlertRecord> {
    let at = |column| row.get::<_, Option<i64>>(column).map(|at| at.map(Timestamp));
    Ok(AlertRecord {
        alert_id: id(row, 0)?,
        rule_id: row.get(1)?,
        subject: row.get(2)?,
        severity: row.get(3)?,
        agent_id: row.get(4)?,
        task_id: row.get(5)?,
        project_id: row.get(6)?,
        started_at: Timestamp(row.get(7)?),
        resolved_at: at(8)?,
        acknowledged_at: at(9)?,
        acknowledged_by: row.get(10)?,
        body: row.get(11)?,
        environment: row.get(12)?,
        group: row.get(13)?,
    })
}

fn delivery(row: &Row<'_>) -> rusqlite::Result<DeliveryRecord> {
    let mode: String = row.get(2)?;
    let state: String = row.get(7)?;
    let alert_id: Option<Vec<u8>> = row.get(3)?;
    Ok(DeliveryRecord {
        delivery_id: id(row, 0)?,
        scope: Scope { workspace: WorkspaceId(row.get(1)?), mode: Mode::parse(&mode).unwrap_or(Mode::Live) },
        alert_id: alert_id.and_then(|bytes| Uuid::from_slice(&bytes).ok()),
        channel_id: id(row, 4)?,
        kind: row.get(5)?,
        message: row.get(6)?,
        state: DeliveryState::parse(&state).unwrap_or(DeliveryState::Dead),
        attempt: row.get(8)?,
        due_at: Timestamp(row.get(9)?),
        created_at: Timestamp(row.get(10)?),
        tried_at: row.get::<_, Option<i64>>(11)?.map(Timestamp),
        error: row.get(12)?,
    })
}

fn write_rule(writing: &Writing<'_>, scope: Scope, rule: &RuleRecord) -> Result<bool> {
    let written = writing.execute(
        "INSERT INTO alert_rules(rule_id, workspace, mode, body, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT(rule_id) DO UPDATE SET body = excluded.body, updated_at = excluded.updated_at
         WHERE workspace = excluded.workspace AND mode = excluded.mode",
        params![
            rule.rule_id.as_bytes(),
            scope.workspace.0,
            scope.mode.as_str(),
            rule.body,
            rule.created_at.0,
            rule.updated_at.0
        ],
    )?;
    Ok(written == 1)
}

/// What is open already of the same rule and subject stays as it is, and so does what is over: a server that serves its events no longer, and does
/// not know yet, may tell of both.
fn write_alert(writing: &Writing<'_>, scope: Scope, alert: &AlertRecord) -> Result<()> {
    writing.execute(
        "INSERT INTO alerts(alert_id, workspace, mode, rule_id, subject, severity, agent_id, task_id, project_id,
             started_at, resolved_at, body, environment, group_name)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
         ON CONFLICT(alert_id) DO UPDATE SET resolved_at = excluded.resolved_at, body = excluded.body
             WHERE alerts.resolved_at IS NULL
         ON CONFLICT DO NOTHING",
        params![
            alert.alert_id.as_bytes(),
            scope.workspace.0,
            scope.mode.as_str(),
            alert.rule_id,
            alert.subject,
            alert.severity,
            alert.agent_id,
            alert.task_id,
            alert.project_id,
            alert.started_at.0,
            alert.resolved_at.map(|at| at.0),
            alert.body,
            alert.environment,
            alert.group
        ],
    )?;
    Ok(())
}

fn write_delivery(writing: &Writing<'_>, scope: Scope, delivery: &NewDelivery, now: Timestamp) -> Result<()> {
    writing.execute(
        "INSERT OR IGNORE INTO alert_deliveries(delivery_id, workspace, mode, alert_id, channel_id, kind, message,
             state, due_at, created_at)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, 'waiting', ?8, ?8
         WHERE ?4 IS NULL OR EXISTS (SELECT 1 FROM alerts WHERE alert_id = ?4)",
        params![
            delivery.delivery_id.as_bytes(),
            scope.workspace.0,
            scope.mode.as_str(),
            delivery.alert_id.as_ref().map(Uuid::as_bytes),
            delivery.channel_id.as_bytes(),
            delivery.kind,
            delivery.message,
            now.0
        ],
    )?;
    Ok(())
}

impl Alerts for SqliteSettings {
    fn alert_rules(&self, scope: Scope) -> Result<Vec<RuleRecord>> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(&format!(
            "SELECT {RULE} FROM alert_rules WHERE workspace = ?1 AND mode = ?2 ORDER BY created_at, rule_id"
        ))?;
        let rows = statement.query_map(params![scope.workspace.0, scope.mode.as_str()], rule)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn save_alert_rule(&self, scope: Scope, rule: &RuleRecord) -> Result<bool> {
        let written = self.write(|writing| write_rule(writing, scope, rule))?;
        self.changed();
        Ok(written)
    }

    fn delete_alert_rule(&self, scope: Scope, rule_id: Uuid) -> Result<bool> {
        let deleted = self.write(|writing| {
            writing.execute(
                "DELETE FROM alert_rules WHERE rule_id = ?1 AND workspace = ?2 AND mode = ?3",
                params![rule_id.as_bytes(), scope.workspace.0, scope.mode.as_str()],
            )
        })?;
        self.changed();
        Ok(deleted == 1)
    }

    fn make_first_alert_rules(&self, scope: Scope, rules: &[RuleRecord]) -> Result<bool> {
        let first = self.write(|writing| {
            let first = writing.execute(
                "INSERT OR IGNORE INTO alert_rules_begun(workspace, mode) VALUES (?1, ?2)",
                params![scope.workspace.0, scope.mode.as_str()],
            )? == 1;
            if first {
                for rule in rules {
                    write_rule(writing, scope, rule)?;
                }
            }
            Ok(first)
        })?;
        if first {
            self.changed();
        }
        Ok(first)
    }

    fn alert_channels(&self, workspace: WorkspaceId) -> Result<Vec<ChannelRecord>> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(&format!(
            "SELECT {CHANNEL} FROM alert_channels WHERE workspace = ?1 ORDER BY created_at, channel_id"
        ))?;
        let rows = statement.query_map([workspace.0], channel)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn save_alert_channel(&self, workspace: WorkspaceId, channel: &ChannelRecord) -> Result<bool> {
        let written = self.write(|writing| {
            writing.execute(
                "INSERT INTO alert_channels(channel_id, workspace, name, kind, config, secrets, created_at, updated_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                 ON CONFLICT(channel_id) DO UPDATE SET name = excluded.name, kind = excluded.kind, config = excluded.config,
                     secrets = excluded.secrets, updated_at = excluded.updated_at
                 WHERE workspace = excluded.workspace",
                params![
                    channel.channel_id.as_bytes(),
                    workspace.0,
                    channel.name,
                    channel.kind,
                    channel.config,
                    channel.secrets,
                    channel.created_at.0,
                    channel.updated_at.0
                ],
            )
        })?;
        self.changed();
        Ok(written == 1)
    }

    fn delete_alert_channel(&self, workspace: WorkspaceId, channel_id: Uuid) -> Result<bool> {
        let deleted = self.write(|writing| {
            let deleted = writing.execute(
                "DELETE FROM alert_channels WHERE channel_id = ?1 AND workspace = ?2",
                params![channel_id.as_bytes(), workspace.0],
            )? == 1;
            if deleted {
                writing.execute(
                    "DELETE FROM alert_deliveries WHERE channel_id = ?1 AND state = 'waiting'",
                    params![channel_id.as_bytes()],
                )?;
            }
            Ok(deleted)
        })?;
        self.changed();
        Ok(deleted)
    }

    fn record_alerts(
        &self,
        scope: Scope,
        alerts: &[AlertRecord],
        deliveries: &[NewDelivery],
        now: Timestamp,
    ) -> Result<()> {
        self.write(|writing| {
            for alert in alerts {
                write_alert(writing, scope, alert)?;
            }
            for delivery in deliveries {
                write_delivery(writing, scope, delivery, now)?;
            }
            Ok(())
        })
    }

    fn alerts(
        &self,
        scope: Scope,
        filter: &AlertFilter,
        after: Option<(Timestamp, Uuid)>,
        limit: usize,
    ) -> Result<Vec<AlertRecord>> {
        let mut wanted = Wanted::of(scope, filter);
        if let Some((at, id)) = after {
            wanted.and("(started_at, alert_id) < (?, ?)", at.0);
            wanted.values.push(Value::Blob(id.as_bytes().to_vec()));
        }
        wanted.values.push(Value::Integer(i64::try_from(limit).unwrap_or(i64::MAX)));
        let connection = self.reading();
        let mut statement = connection.prepare_cached(&format!(
            "SELECT {ALERT} FROM alerts WHERE {} ORDER BY started_at DESC, alert_id DESC LIMIT ?",
            wanted.sql
        ))?;
        let rows = statement.query_map(params_from_iter(&wanted.values), alert)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn count_alerts(&self, scope: Scope, filter: &AlertFilter) -> Result<u64> {
        let wanted = Wanted::of(scope, filter);
        let connection = self.reading();
        let mut statement = connection.prepare_cached(&format!("SELECT COUNT(*) FROM alerts WHERE {}", wanted.sql))?;
        let count: i64 = statement.query_row(params_from_iter(&wanted.values), |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    fn alert(&self, scope: Scope, alert_id: Uuid) -> Result<Option<AlertRecord>> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(&format!(
            "SELECT {ALERT} FROM alerts WHERE alert_id = ?1 AND workspace = ?2 AND mode = ?3"
        ))?;
        let found = statement
            .query_row(params![alert_id.as_bytes(), scope.workspace.0, scope.mode.as_str()], alert)
            .optional()?;
        Ok(found)
    }

    fn alerts_to_resume(&self, scope: Scope, resolved_since: Timestamp) -> Result<Vec<AlertRecord>> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(&format!(
            "SELECT {ALERT} FROM alerts WHERE workspace = ?1 AND mode = ?2 AND (resolved_at IS NULL OR resolved_at >= ?3)"
        ))?;
        let rows = statement.query_map(params![scope.workspace.0, scope.mode.as_str(), resolved_since.0], alert)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn acknowledge_alert(&self, scope: Scope, alert_id: Uuid, by: &str, at: Timestamp) -> Result<Option<AlertRecord>> {
        self.write(|writing| {
            writing.execute(
                "UPDATE alerts SET acknowledged_at = ?4, acknowledged_by = ?5
                 WHERE alert_id = ?1 AND workspace = ?2 AND mode = ?3 AND acknowledged_at IS NULL",
                params![alert_id.as_bytes(), scope.workspace.0, scope.mode.as_str(), at.0, by],
            )
        })?;
        self.alert(scope, alert_id)
    }

    fn deliveries_of(&self, scope: Scope, alert_ids: &[Uuid]) -> Result<Vec<DeliveryRecord>> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(&format!(
            "SELECT {DELIVERY} FROM alert_deliveries WHERE alert_id = ?1 AND workspace = ?2 AND mode = ?3
             ORDER BY created_at, delivery_id"
        ))?;
        let mut found = Vec::new();
        for alert_id in alert_ids {
            let rows =
                statement.query_map(params![alert_id.as_bytes(), scope.workspace.0, scope.mode.as_str()], delivery)?;
            for row in rows {
                found.push(row?);
            }
        }
        Ok(found)
    }

    fn deliveries(
        &self,
        scope: Scope,
        state: Option<DeliveryState>,
        after: Option<(Timestamp, Uuid)>,
        limit: usize,
    ) -> Result<Vec<DeliveryRecord>> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(&format!(
            "SELECT {DELIVERY} FROM alert_deliveries WHERE workspace = ?1 AND mode = ?2 AND (?3 IS NULL OR state = ?3)
                 AND (?4 IS NULL OR (created_at, delivery_id) < (?4, ?5))
             ORDER BY created_at DESC, delivery_id DESC LIMIT ?6"
        ))?;
        let rows = statement.query_map(
            params![
                scope.workspace.0,
                scope.mode.as_str(),
                state.map(DeliveryState::as_str),
                after.map(|(at, _)| at.0),
                after.map(|(_, id)| id.as_bytes().to_vec()),
                i64::try_from(limit).unwrap_or(i64::MAX)
            ],
            delivery,
        )?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn due_deliveries(&self, now: Timestamp, most_a_channel: usize) -> Result<Vec<DeliveryRecord>> {
        let connection = self.reading();
        let mut channels = connection.prepare_cached(
            "SELECT DISTINCT channel_id FROM alert_deliveries WHERE state = 'waiting' AND (due_at <= ?1 OR due_at > ?2)",
        )?;
        // Nothing waits for so long: its time was written by a clock that was set back since.
        let too_late = now.plus_seconds(MOST_WAIT_SECONDS);
        let channels: Vec<Vec<u8>> =
            channels.query_map([now.0, too_late.0], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        let mut statement = connection.prepare_cached(&format!(
            "SELECT {DELIVERY} FROM alert_deliveries AS later WHERE channel_id = ?1 AND state = 'waiting' AND (due_at <= ?2 OR due_at > ?4)
                 AND NOT EXISTS (SELECT 1 FROM alert_deliveries AS earlier
                     WHERE earlier.alert_id = later.alert_id AND earlier.channel_id = later.channel_id
                         AND earlier.state = 'waiting'
                         AND (earlier.created_at, earlier.kind) < (later.created_at, later.kind))
             ORDER BY due_at, created_at LIMIT ?3"
        ))?;
        let mut due = Vec::new();
        for channel in channels {
            for row in statement.query_map(params![channel, now.0, most_a_channel as i64, too_late.0], delivery)? {
                due.push(row?);
            }
        }
        Ok(due)
    }

    fn delivery_tried(&self, delivery_id: Uuid, at: Timestamp, outcome: &Outcome) -> Result<()> {
        let (state, due_at, error) = match outcome {
            Outcome::Delivered => (DeliveryState::Delivered, at, None),
            Outcome::Retry { due_at, error } => (DeliveryState::Waiting, *due_at, Some(error)),
            Outcome::GivenUp { error } => (DeliveryState::Dead, at, Some(error)),
        };
        self.write(|writing| {
            writing.execute(
                "UPDATE alert_deliveries SET state = ?2, attempt = attempt + 1, due_at = ?3, tried_at = ?4, error = ?5
                 WHERE delivery_id = ?1",
                params![delivery_id.as_bytes(), state.as_str(), due_at.0, at.0, error],
            )?;
            Ok(())
        })
    }

    fn revive_deliveries(&self, scope: Scope, alert_id: Uuid, now: Timestamp) -> Result<usize> {
        self.write(|writing| {
            writing.execute(
                "UPDATE alert_deliveries SET state = 'waiting', attempt = 0, due_at = ?4
                 WHERE alert_id = ?1 AND workspace = ?2 AND mode = ?3 AND state = 'dead'",
                params![alert_id.as_bytes(), scope.workspace.0, scope.mode.as_str(), now.0],
            )
        })
    }

    fn forget_alerts(&self, resolved_before: Timestamp) -> Result<usize> {
        self.write(|writing| {
            let before = params![resolved_before.0];
            let forgotten = writing.execute("DELETE FROM alerts WHERE resolved_at < ?1", before)?;
            writing.execute("DELETE FROM alert_deliveries WHERE alert_id IS NULL AND created_at < ?1", before)?;
            Ok(forgotten)
        })
    }
}
