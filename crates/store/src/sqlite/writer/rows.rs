//! Rows of model calls and failures, for figures.

use hiveboard_wire::{Body, CallCost, CostSource, EventType, NanoDollars, Scope, body::StepAction};
use rusqlite::{Connection, params};

use super::super::{
    dictionary::Dictionary,
    keys::StoreKey,
    recent::{Sums, Texts},
    row::clamp,
};
use crate::{Fresh, Result};

const UNKNOWN: CallCost = CallCost { amount: NanoDollars(0), source: CostSource::Unknown };

/// Whether an event counts as a failure in figures.
pub(in crate::sqlite) fn is_failure(event_type: EventType, body: &Body) -> bool {
    matches!(event_type, EventType::TaskFailed | EventType::ActionFailed)
        || matches!(body, Body::PlanStep(step) if step.action == Some(StepAction::Failed))
}

/// Inserts the rows of what a batch brought. `all_labels`: see [`super::super::day::Marks`].
pub(super) fn insert(
    connection: &Connection,
    dictionary: &mut Dictionary,
    sums: &mut Sums,
    key: &StoreKey,
    scope: Scope,
    events: &[Fresh],
    all_labels: bool,
) -> Result<()> {
    for fresh in events {
        if let Body::LlmCall(call) = &fresh.body {
            let event = &fresh.stored.event;
            let envelope = &*fresh.stored.envelope;
            let cost = fresh.call_cost.unwrap_or(UNKNOWN);
            let texts = Texts {
                agent: dictionary.number(connection, &envelope.agent_id)?,
                project: dictionary.or_zero(connection, event.project_id.as_deref())?,
                task_type: dictionary.or_zero(connection, event.task_type.as_deref())?,
                model: dictionary.or_zero(connection, call.model.as_deref())?,
                environment: dictionary.number(connection, &envelope.environment)?,
                group: dictionary.number(connection, &envelope.group)?,
                version: dictionary.or_zero(connection, envelope.agent_version.as_deref())?,
            };
            let tokens = (call.tokens_in.map_or(0, clamp), call.tokens_out.map_or(0, clamp));
            sums.add(scope.number(), event.timestamp.0, texts, cost, tokens);
            connection
                .prepare_cached(
                    "INSERT INTO call VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
                )?
                .execute(params![
                    fresh.stored.seq,
                    scope.number(),
                    event.timestamp.0,
                    texts.agent,
                    texts.project,
                    event.task_id.as_deref().map(|id| key.task(scope, id)),
                    texts.task_type,
                    texts.model,
                    texts.environment,
                    texts.group,
                    texts.version,
                    tokens.0,
                    tokens.1,
                    cost.amount.0,
                    cost.source as u8
                ])?;
        }
        if is_failure(fresh.stored.event.event_type, &fresh.body) {
            let event = &fresh.stored.event;
            let envelope = &*fresh.stored.envelope;
            let texts = Texts {
                agent: dictionary.number(connection, &envelope.agent_id)?,
                project: dictionary.or_zero(connection, event.project_id.as_deref())?,
                task_type: dictionary.or_zero(connection, event.task_type.as_deref())?,
                model: 0,
                environment: dictionary.number(connection, &envelope.environment)?,
                group: dictionary.number(connection, &envelope.group)?,
                version: 0,
            };
            if all_labels {
                sums.add_failure(scope.number(), event.timestamp.0, texts);
            }
            connection.prepare_cached("INSERT INTO failure VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")?.execute(
                params![
                    fresh.stored.seq,
                    scope.number(),
                    event.timestamp.0,
                    texts.agent,
                    texts.project,
                    event.task_id.as_deref().map(|id| key.task(scope, id)),
                    texts.environment,
                    texts.group,
                    all_labels.then_some(texts.task_type)
                ],
            )?;
        }
    }
    Ok(())
}
