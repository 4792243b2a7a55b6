//! `GET /v1/errors`, `GET /v1/errors/{error_id}`: failures grouped by exception and place.

use std::sync::Arc;

use axum::{Json, extract::State};
use hiveboard_derive::{ErrorFilter, ErrorSort, view::ErrorView};
use hiveboard_wire::{ErrorCode, Scope, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    api::{
        blocking,
        page::{Page, Paging},
        params::{Params, PathText, Range, filtered_params, text},
    },
    app::App,
    error::{ApiError, ApiResult},
    permission::{Require, need},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorOrder {
    /// Most often in the time asked for.
    Often,
    /// Failed last.
    Last,
    /// Seen first most recently.
    New,
}

filtered_params! {
    pub struct ErrorListParams {
        /// Text in type, message or place, whatever its case and form; at most 200 characters.
        pub q: Option<String>,
        /// Order; most often first when not given.
        #[param(inline)]
        pub sort: Option<ErrorOrder>,
        /// How many, 1 to 200; 50 when not given.
        pub limit: Option<usize>,
        /// Where the page before ended.
        pub cursor: Option<String>,
    }
}

filtered_params! {
    pub struct ErrorParams {}
}

/// Failures grouped by exception and place, of the last 24 hours when no time is given. An exception that climbs counts once, where it was raised.
#[utoipa::path(get, path = "/v1/errors", tag = "errors", params(ErrorListParams), responses((status = 200, body = Page<ErrorView>)))]
pub async fn list(
    State(app): State<Arc<App>>,
    caller: Require<need::ReadData>,
    Params(params): Params<ErrorListParams>,
    paging: Paging,
) -> ApiResult<Json<Page<ErrorView>>> {
    // Sorts by a moving figure promise no more than a place in the list.
    let offset: usize = paging.place()?.unwrap_or(0);
    let now = app.clock.now();
    let stretch = params.window(now)?.started(Range::Day, now);
    let sort = match params.sort.unwrap_or(ErrorOrder::Often) {
        ErrorOrder::Often => ErrorSort::Often,
        ErrorOrder::Last => ErrorSort::Last,
        ErrorOrder::New => ErrorSort::New,
    };
    let scope = caller.scope();
    let filter = ErrorFilter {
        error_id: None,
        agent_id: params.agent_id,
        project_id: app.project_aliases.asked(scope, params.project_id),
        environment: params.environment,
        group: params.group,
        q: text(params.q)?,
    };
    let most = paging.limit + 1;
    let found = blocking(move || Ok(errors(&app, scope, &filter, sort, stretch.since, stretch.end))).await?;
    let rest = found.into_iter().skip(offset).take(most).collect();
    Ok(Json(paging.cut(rest, |_| offset + paging.limit)))
}

/// One of them, whenever it happened: all that is known of it, and the trend of the time asked for (the last 24 hours when none is given).
#[utoipa::path(get, path = "/v1/errors/{error_id}", tag = "errors", params(("error_id" = String, Path, description = "As lists and timelines name it."), ErrorParams),
    responses((status = 200, body = ErrorView), (status = 404, body = crate::error::ErrorBody)))]
pub async fn get(
    State(app): State<Arc<App>>,
    caller: Require<need::ReadData>,
    PathText(error_id): PathText,
    Params(params): Params<ErrorParams>,
) -> ApiResult<Json<ErrorView>> {
    let now = app.clock.now();
    let stretch = params.window(now)?.started(Range::Day, now);
    let scope = caller.scope();
    let filter = ErrorFilter {
        error_id: Some(error_id),
        agent_id: params.agent_id,
        project_id: app.project_aliases.asked(scope, params.project_id),
        environment: params.environment,
        group: params.group,
        q: None,
    };
    let found = blocking(move || {
        Ok(app.derived.look(scope, |projections| projections.error(&filter, stretch.since, stretch.end)))
    })
    .await?;
    found.map(Json).ok_or_else(|| {
        ApiError::new(
            ErrorCode::NotFound,
            "There is no such error in this data. GET /v1/errors lists them; live and test data are apart.",
        )
    })
}

fn errors(
    app: &App,
    scope: Scope,
    filter: &ErrorFilter,
    sort: ErrorSort,
    since: Timestamp,
    until: Timestamp,
) -> Vec<ErrorView> {
    app.derived.look(scope, |projections| projections.errors(filter, sort, since, until))
}
