//! Rows of model calls and failures, for figures.

use hiveboard_wire::{Body, CallCost, CostSource, Envelope, EventType, NanoDollars, Scope, body::StepAction};
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

/// Dictionary numbers of what all events of an envelope share; looked up with the first that asks.
#[derive(Clone, Copy)]
struct OfEnvelope {
    agent: i64,
    environment: i64,
    group: i64,
    version: i64,
}

impl OfEnvelope {
    fn look_up(connection: &Connection, dictionary: &mut Dictionary, envelope: &Envelope) -> Result<Self> {
        Ok(Self {
            agent: dictionary.number(connection, &envelope.agent_id)?,
            environment: dictionary.number(connection, &envelope.environment)?,
            group: dictionary.number(connection, &envelope.group)?,
            version: dictionary.or_zero(connection, envelope.agent_version.as_deref())?,
        })
    }
}

/// Inserts the rows of what a batch brought: events of one envelope. `all_labels`: see [`super::super::day::Marks`].
pub(super) fn insert(
    connection: &Connection,
    dictionary: &mut Dictionary,
    sums: &mut Sums,
    key: &StoreKey,
    scope: Scope,
    events: &[Fresh],
    all_labels: bool,
) -> Result<()> {
    let mut of_envelope = None;
    let mut insert_call = None;
    for fresh in events {
        let is_failure = is_failure(fresh.stored.event.event_type, &fresh.body);
        if !is_failure && !matches!(fresh.body, Body::LlmCall(_)) {
            continue;
        }
        let event = &fresh.stored.event;
        let of_envelope = match of_envelope {
            Some(known) => known,
            None => *of_envelope.insert(OfEnvelope::look_up(connection, dictionary, &fresh.stored.envelope)?),
        };
        let task = event.task_id.as_deref().map(|id| key.task(scope, id));
        let mut texts = Texts {
            agent: of_envelope.agent,
            project: dictionary.or_zero(connection, event.project_id.as_deref())?,
            task_type: dictionary.or_zero(connection, event.task_type.as_deref())?,
            model: 0,
            environment: of_envelope.environment,
            group: of_envelope.group,
            version: 0,
        };
        if is_failure {
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
                    task,
                    texts.environment,
                    texts.group,
                    all_labels.then_some(texts.task_type)
                ],
            )?;
        }
        if let Body::LlmCall(call) = &fresh.body {
            texts.model = dictionary.or_zero(connection, call.model.as_deref())?;
            texts.version = of_envelope.version;
            let cost = fresh.call_cost.unwrap_or(UNKNOWN);
            let tokens = (call.tokens_in.map_or(0, clamp), call.tokens_out.map_or(0, clamp));
            sums.add(scope.number(), event.timestamp.0, texts, cost, tokens);
            let insert = match &mut insert_call {
                Some(prepared) => prepared,
                none => none.insert(connection.prepare_cached(
                    "INSERT INTO call VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
                )?),
            };
            insert.execute(params![
                fresh.stored.seq,
                scope.number(),
                event.timestamp.0,
                texts.agent,
                texts.project,
                task,
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
    }
    Ok(())
}
