//! Rows of model calls and failures, for figures.

use hiveboard_wire::{Body, CallCost, CostSource, EventType, NanoDollars, Scope, body::StepAction};
use rusqlite::{Connection, params};

use super::{
    super::{dictionary::Dictionary, keys::StoreKey, row::clamp},
    totals::{Texts, Totals},
};
use crate::{Fresh, Result};

const UNKNOWN: CallCost = CallCost { amount: NanoDollars(0), source: CostSource::Unknown };

/// Whether an event counts as a failure in figures.
pub(in crate::sqlite) fn is_failure(event_type: EventType, body: &Body) -> bool {
    matches!(event_type, EventType::TaskFailed | EventType::ActionFailed)
        || matches!(body, Body::PlanStep(step) if step.action == Some(StepAction::Failed))
}

/// Inserts the rows of what a batch brought.
pub(super) fn insert(
    connection: &Connection,
    dictionary: &mut Dictionary,
    totals: &mut Totals,
    key: &StoreKey,
    scope: Scope,
    events: &[Fresh],
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
            totals.add(scope.number(), event.timestamp.0, texts, cost, tokens);
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
            connection.prepare_cached("INSERT INTO failure VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?.execute(
                params![
                    fresh.stored.seq,
                    scope.number(),
                    event.timestamp.0,
                    dictionary.number(connection, &envelope.agent_id)?,
                    dictionary.or_zero(connection, event.project_id.as_deref())?,
                    event.task_id.as_deref().map(|id| key.task(scope, id)),
                    dictionary.number(connection, &envelope.environment)?,
                    dictionary.number(connection, &envelope.group)?
                ],
            )?;
        }
    }
    Ok(())
}
