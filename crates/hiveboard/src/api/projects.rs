//! `GET/POST /v1/projects`, `GET /v1/projects/{id}`.

use std::{collections::HashMap, sync::Arc};

use axum::{Json, extract::State, http::StatusCode};
use hiveboard_derive::view::ProjectStatsView;
use hiveboard_settings::ProjectRecord;
use hiveboard_store::{CallFilter, Dimension};
use hiveboard_wire::{ErrorCode, Scope, Timestamp, kind::limits::LABEL_CHARS};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    api::{
        blocking,
        page::{Page, Paging},
        params::{Body, ListParams, ModeOnly, Params, PathText, Range},
    },
    app::App,
    error::{ApiError, ApiResult},
    permission::{Require, need},
};

#[derive(Debug, Serialize, ToSchema)]
pub struct ProjectView {
    /// As events name it.
    pub project_id: String,
    pub name: String,
    /// The same as `project_id`.
    pub slug: String,
    pub description: Option<String>,
    pub environment: Option<String>,
    pub is_archived: bool,
    /// Made because an event named it.
    pub auto_created: bool,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    pub event_count: u64,
    pub agent_count: u64,
    pub tasks_completed_24h: u64,
    pub tasks_failed_24h: u64,
    /// US dollars.
    pub cost_24h: f64,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewProject {
    /// The id that events name; made from the name when not given.
    pub project_id: Option<String>,
    /// The same as `project_id`.
    pub slug: Option<String>,
    /// For people; the id when not given.
    pub name: Option<String>,
    pub description: Option<String>,
    pub environment: Option<String>,
}

/// Projects with their figures, by id.
#[utoipa::path(get, path = "/v1/projects", tag = "projects", params(ListParams), responses((status = 200, body = Page<ProjectView>)))]
pub async fn list(
    State(app): State<Arc<App>>,
    caller: Require<need::ReadData>,
    Params(_paging): Params<ListParams>,
    paging: Paging,
) -> ApiResult<Json<Page<ProjectView>>> {
    let after: Option<String> = paging.place()?;
    let scope = caller.scope();
    blocking(move || {
        let mut records = app.settings.list_projects(scope)?;
        records.retain(|record| after.as_ref().is_none_or(|after| record.project_id > *after));
        let page = paging.cut(records, |last| last.project_id.clone());
        Ok(Page { data: views(&app, scope, page.data)?, pagination: page.pagination })
    })
    .await
    .map(Json)
}

/// One project.
#[utoipa::path(get, path = "/v1/projects/{project_id}", tag = "projects", params(("project_id" = String, Path, description = "Or `-`, with the id as the query parameter `project_id`: for ids like `..` that no path can hold."), ModeOnly),
    responses((status = 200, body = ProjectView), (status = 404, body = crate::error::ErrorBody)))]
pub async fn get(
    State(app): State<Arc<App>>,
    caller: Require<need::ReadData>,
    PathText(project_id): PathText,
    Params(_mode): Params<ModeOnly>,
) -> ApiResult<Json<ProjectView>> {
    let scope = caller.scope();
    let found = blocking(move || match app.settings.find_project(scope, &project_id)? {
        Some(record) => Ok(views(&app, scope, vec![record])?.pop()),
        None => Ok(None),
    })
    .await?;
    found.map(Json).ok_or_else(|| {
        ApiError::new(ErrorCode::ProjectNotFound, "There is no such project. GET /v1/projects lists them.")
    })
}

/// Makes a project.
#[utoipa::path(post, path = "/v1/projects", tag = "projects", params(ModeOnly), request_body = NewProject,
    responses((status = 201, body = ProjectView), (status = 409, body = crate::error::ErrorBody)))]
pub async fn create(
    State(app): State<Arc<App>>,
    caller: Require<need::ChangeProjects>,
    Params(_mode): Params<ModeOnly>,
    Body(new): Body<NewProject>,
) -> ApiResult<(StatusCode, Json<ProjectView>)> {
    let named_alone = new.project_id.is_none() && new.slug.is_none();
    let record = record(new)?;
    let scope = caller.scope();
    let view = blocking(move || {
        // Events may call a project by its name: another of the same name would be one nobody means.
        if named_alone && let Some(other) = app.settings.find_project_named(scope, &record.name)? {
            return Err(ApiError::new(
                ErrorCode::Conflict,
                format!(
                    "The project {:?} has this name already; give a `project_id` to make another.",
                    other.project_id
                ),
            )
            .detail("project_id", other.project_id));
        }
        if !app.settings.create_project(scope, &record)? {
            return Err(ApiError::new(
                ErrorCode::Conflict,
                format!("The project {:?} exists already.", record.project_id),
            )
            .detail("project_id", record.project_id));
        }
        let mut views = views(&app, scope, vec![record])?;
        Ok(views.pop().expect("one record makes one view"))
    })
    .await?;
    Ok((StatusCode::CREATED, Json(view)))
}

fn record(new: NewProject) -> ApiResult<ProjectRecord> {
    if let (Some(id), Some(slug)) = (&new.project_id, &new.slug)
        && id != slug
    {
        return Err(ApiError::validation(&[("slug", "must equal `project_id` when both are given")]));
    }
    let name = new.name.filter(|name| !name.trim().is_empty());
    let project_id = new
        .project_id
        .or(new.slug)
        .filter(|id| !id.is_empty())
        .or_else(|| name.as_deref().map(slug_of))
        .unwrap_or_default();
    if project_id.is_empty() {
        return Err(ApiError::validation(&[("project_id", "is missing; give it, or a `name` with letters or digits")]));
    }
    for (field, text) in
        [("project_id", Some(&project_id)), ("name", name.as_ref()), ("environment", new.environment.as_ref())]
    {
        if text.is_some_and(|text| text.chars().count() > LABEL_CHARS) {
            return Err(ApiError::validation(&[(field, "may have 256 characters at most")]));
        }
    }
    if new.description.as_ref().is_some_and(|text| text.chars().count() > 2_000) {
        return Err(ApiError::validation(&[("description", "may have 2,000 characters at most")]));
    }
    Ok(ProjectRecord {
        name: name.unwrap_or_else(|| project_id.clone()),
        project_id,
        description: new.description,
        environment: new.environment,
        is_archived: false,
        auto_created: false,
        created_at: Timestamp::now(),
    })
}

/// Lower-case letters and digits, joined by single hyphens.
fn slug_of(name: &str) -> String {
    let words: Vec<String> = name
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    words.join("-")
}

fn views(app: &App, scope: Scope, records: Vec<ProjectRecord>) -> ApiResult<Vec<ProjectView>> {
    let now = app.clock.now();
    let mut stats: HashMap<String, ProjectStatsView> = app
        .derived
        .look(scope, |projections| projections.project_stats(now))
        .finish()
        .map_err(|error| ApiError::internal(&error))?
        .into_iter()
        .map(|stats| (stats.project_id.clone(), stats))
        .collect();
    let filter = CallFilter { since: Some(Range::Day.since(now)), ..CallFilter::default() };
    let mut costs: HashMap<String, f64> = app
        .store
        .call_groups(scope, &filter, &[Dimension::Project], None, usize::MAX)?
        .groups
        .into_iter()
        .filter_map(|group| Some((group.keys.into_iter().next()??, group.totals.cost.dollars())))
        .collect();
    Ok(records
        .into_iter()
        .map(|record| {
            let stats = stats.remove(&record.project_id).unwrap_or_default();
            ProjectView {
                slug: record.project_id.clone(),
                event_count: stats.event_count,
                agent_count: stats.agent_count,
                tasks_completed_24h: stats.tasks_completed_24h,
                tasks_failed_24h: stats.tasks_failed_24h,
                cost_24h: costs.remove(&record.project_id).unwrap_or(0.0),
                project_id: record.project_id,
                name: record.name,
                description: record.description,
                environment: record.environment,
                is_archived: record.is_archived,
                auto_created: record.auto_created,
                created_at: record.created_at,
            }
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::slug_of;

    #[test]
    fn slugs_are_words_with_hyphens() {
        assert_eq!(slug_of("  Sales  Pipeline (EU) "), "sales-pipeline-eu");
        assert_eq!(slug_of("!!"), "");
    }
}
