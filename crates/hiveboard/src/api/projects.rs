//! `GET/POST /v1/projects`, `GET/PUT/DELETE /v1/projects/{id}`, archiving, merging.

use std::{collections::HashMap, sync::Arc};

use axum::{Json, extract::State, http::StatusCode};
use hiveboard_derive::view::ProjectStatsView;
use hiveboard_settings::{DEFAULT_PROJECT, Merged, ProjectChange, ProjectRecord};
use hiveboard_store::{CallFilter, Dimension};
use hiveboard_wire::{ErrorCode, NanoDollars, Quoted, Scope, Timestamp, kind::limits::LABEL_CHARS};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    api::{
        blocking,
        page::{Page, Paging},
        params::{Body, ListParams, ModeOnly, Params, PathText, Range},
    },
    app::App,
    audit::AuditNote,
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
    /// Ids of projects that were merged into it: their events count here.
    pub aliases: Vec<String>,
}

/// What to change; what is not given stays. An empty `description` or `environment` clears it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProjectEdit {
    /// For people; events go on naming the id.
    pub name: Option<String>,
    pub description: Option<String>,
    pub environment: Option<String>,
    pub is_archived: Option<bool>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergeInto {
    /// The project that stays.
    pub into: String,
}

#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct DeleteParams {
    /// The project that its events count for from then on; `default` when not given.
    pub into: Option<String>,
    /// Whose data a session of the board looks at; keys have their own.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    #[expect(dead_code, reason = "read by the admission layer, which comes before")]
    mode: Option<hiveboard_wire::Mode>,
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
    blocking(move || {
        // By whatever events call it: its name, another form of its id, or the id of one that was merged into it.
        match app.settings.find_project_named(scope, &project_id)? {
            Some(record) => view(&app, scope, record).map(Json),
            None => Err(missing()),
        }
    })
    .await
}

pub(super) fn missing() -> ApiError {
    ApiError::new(ErrorCode::ProjectNotFound, "There is no such project. GET /v1/projects lists them.")
}

fn view(app: &App, scope: Scope, record: ProjectRecord) -> ApiResult<ProjectView> {
    Ok(views(app, scope, vec![record])?.pop().expect("one record makes one view"))
}

/// Renames, describes or archives a project. Its id stays: events name it.
#[utoipa::path(put, path = "/v1/projects/{project_id}", tag = "projects", params(("project_id" = String, Path), ModeOnly), request_body = ProjectEdit,
    responses((status = 200, body = ProjectView), (status = 404, body = crate::error::ErrorBody), (status = 409, body = crate::error::ErrorBody)))]
pub async fn change(
    State(app): State<Arc<App>>,
    caller: Require<need::ChangeProjects>,
    note: AuditNote,
    PathText(project_id): PathText,
    Params(_mode): Params<ModeOnly>,
    Body(edit): Body<ProjectEdit>,
) -> ApiResult<Json<ProjectView>> {
    if edit.name.as_deref().is_some_and(|name| name.trim().is_empty()) {
        return Err(ApiError::validation(&[("name", "must not be empty")]));
    }
    check_texts(None, edit.name.as_deref(), edit.environment.as_deref(), edit.description.as_deref())?;
    let change = ProjectChange {
        name: edit.name,
        description: edit.description,
        environment: edit.environment,
        is_archived: edit.is_archived,
    };
    changed(app, caller.scope(), note, project_id, change, "project.changed").await
}

/// Puts a project away: it leaves the board's choices, and its events stay and go on coming.
#[utoipa::path(post, path = "/v1/projects/{project_id}/archive", tag = "projects", params(("project_id" = String, Path), ModeOnly),
    responses((status = 200, body = ProjectView), (status = 404, body = crate::error::ErrorBody)))]
pub async fn archive(
    State(app): State<Arc<App>>,
    caller: Require<need::ChangeProjects>,
    note: AuditNote,
    PathText(project_id): PathText,
    Params(_mode): Params<ModeOnly>,
) -> ApiResult<Json<ProjectView>> {
    let change = ProjectChange { is_archived: Some(true), ..ProjectChange::default() };
    changed(app, caller.scope(), note, project_id, change, "project.archived").await
}

/// Takes a project back from the archive.
#[utoipa::path(post, path = "/v1/projects/{project_id}/unarchive", tag = "projects", params(("project_id" = String, Path), ModeOnly),
    responses((status = 200, body = ProjectView), (status = 404, body = crate::error::ErrorBody)))]
pub async fn unarchive(
    State(app): State<Arc<App>>,
    caller: Require<need::ChangeProjects>,
    note: AuditNote,
    PathText(project_id): PathText,
    Params(_mode): Params<ModeOnly>,
) -> ApiResult<Json<ProjectView>> {
    let change = ProjectChange { is_archived: Some(false), ..ProjectChange::default() };
    changed(app, caller.scope(), note, project_id, change, "project.unarchived").await
}

async fn changed(
    app: Arc<App>,
    scope: Scope,
    note: AuditNote,
    project_id: String,
    change: ProjectChange,
    action: &'static str,
) -> ApiResult<Json<ProjectView>> {
    blocking(move || {
        let before = app.settings.find_project(scope, &project_id)?.ok_or_else(missing)?;
        // Events may call a project by its name: those of another would be this one's from now on.
        if let Some(name) = change.name.as_deref().filter(|name| *name != before.name)
            && let Some(other) = app.settings.find_project_named(scope, name)?
            && other.project_id != project_id
        {
            return Err(ApiError::new(
                ErrorCode::Conflict,
                format!(
                    "Events that name {} count for the project {}; choose another name.",
                    Quoted(name),
                    Quoted(&other.project_id)
                ),
            )
            .detail("project_id", other.project_id));
        }
        let after = app.settings.change_project(scope, &project_id, &change)?.ok_or_else(missing)?;
        // Events may call a project by its name.
        app.projects_changed()?;
        note.say(action, &after.project_id, written(&before), written(&after));
        view(&app, scope, after).map(Json)
    })
    .await
}

/// What the audit log says of a project.
fn written(project: &ProjectRecord) -> serde_json::Value {
    serde_json::json!({
        "project_id": project.project_id,
        "name": project.name,
        "description": project.description,
        "environment": project.environment,
        "is_archived": project.is_archived,
    })
}

/// Merges a project into another: its events, old and new ones, count for that one in all lists and figures. Events are never rewritten.
#[utoipa::path(post, path = "/v1/projects/{project_id}/merge", tag = "projects", params(("project_id" = String, Path), ModeOnly), request_body = MergeInto,
    responses((status = 200, body = ProjectView), (status = 404, body = crate::error::ErrorBody), (status = 409, body = crate::error::ErrorBody)))]
pub async fn merge(
    State(app): State<Arc<App>>,
    caller: Require<need::ChangeProjects>,
    note: AuditNote,
    PathText(project_id): PathText,
    Params(_mode): Params<ModeOnly>,
    Body(MergeInto { into }): Body<MergeInto>,
) -> ApiResult<Json<ProjectView>> {
    merged(app, caller.scope(), note, project_id, into, "project.merged").await
}

/// Removes a project. Its events stay, and count for another project from then on: `default`, or the one that `into` names.
#[utoipa::path(delete, path = "/v1/projects/{project_id}", tag = "projects", params(("project_id" = String, Path), DeleteParams),
    responses((status = 200, body = ProjectView, description = "The project that its events count for now."), (status = 404, body = crate::error::ErrorBody), (status = 409, body = crate::error::ErrorBody)))]
pub async fn delete(
    State(app): State<Arc<App>>,
    caller: Require<need::ChangeProjects>,
    note: AuditNote,
    PathText(project_id): PathText,
    Params(params): Params<DeleteParams>,
) -> ApiResult<Json<ProjectView>> {
    let into = params.into.unwrap_or_else(|| DEFAULT_PROJECT.to_owned());
    merged(app, caller.scope(), note, project_id, into, "project.deleted").await
}

async fn merged(
    app: Arc<App>,
    scope: Scope,
    note: AuditNote,
    project_id: String,
    into: String,
    action: &'static str,
) -> ApiResult<Json<ProjectView>> {
    blocking(move || {
        if project_id == DEFAULT_PROJECT {
            return Err(ApiError::new(
                ErrorCode::CannotDeleteDefaultProject,
                "The project `default` always exists; merge others into it instead.",
            ));
        }
        match app.settings.merge_project(scope, &project_id, &into)? {
            Merged::Done { from, into } => {
                app.projects_changed()?;
                note.say(action, &from.project_id, written(&from), written(&into));
                view(&app, scope, *into).map(Json)
            }
            Merged::NoSource => Err(missing()),
            Merged::NoTarget => Err(ApiError::validation(&[("into", "is no project; GET /v1/projects lists them")])),
            Merged::Refused => Err(ApiError::new(ErrorCode::Conflict, "A project cannot be merged into itself.")),
        }
    })
    .await
}

/// Makes a project.
#[utoipa::path(post, path = "/v1/projects", tag = "projects", params(ModeOnly), request_body = NewProject,
    responses((status = 201, body = ProjectView), (status = 409, body = crate::error::ErrorBody)))]
pub async fn create(
    State(app): State<Arc<App>>,
    caller: Require<need::ChangeProjects>,
    note: AuditNote,
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
                    "The project {} has this name already; give a `project_id` to make another.",
                    Quoted(&other.project_id)
                ),
            )
            .detail("project_id", other.project_id));
        }
        let counts_for = app.project_aliases.canonical(scope, &record.project_id);
        if counts_for != record.project_id {
            return Err(ApiError::new(
                ErrorCode::Conflict,
                format!(
                    "Events of {} count for the project {}, into which it was merged; choose another id.",
                    Quoted(&record.project_id),
                    Quoted(&counts_for)
                ),
            )
            .detail("project_id", counts_for));
        }
        if !app.settings.create_project(scope, &record)? {
            return Err(ApiError::new(
                ErrorCode::Conflict,
                format!("The project {} exists already.", Quoted(&record.project_id)),
            )
            .detail("project_id", record.project_id));
        }
        app.projects_changed()?;
        note.say("project.created", &record.project_id, (), written(&record));
        self::view(&app, scope, record)
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
    check_texts(Some(&project_id), name.as_deref(), new.environment.as_deref(), new.description.as_deref())?;
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

fn check_texts(
    project_id: Option<&str>,
    name: Option<&str>,
    environment: Option<&str>,
    description: Option<&str>,
) -> ApiResult<()> {
    for (field, text) in [("project_id", project_id), ("name", name), ("environment", environment)] {
        if text.is_some_and(|text| text.chars().count() > LABEL_CHARS) {
            return Err(ApiError::validation(&[(field, "may have 256 characters at most")]));
        }
    }
    if description.is_some_and(|text| text.chars().count() > 2_000) {
        return Err(ApiError::validation(&[("description", "may have 2,000 characters at most")]));
    }
    Ok(())
}

/// Lower-case letters and digits, joined by single hyphens.
fn slug_of(name: &str) -> String {
    let words: Vec<String> = hiveboard_text::composed(name)
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
    let mut costs: HashMap<String, NanoDollars> = HashMap::new();
    for group in app.call_groups(scope, &filter, &[Dimension::Project], None, usize::MAX)?.groups {
        if let Some(Some(project)) = group.keys.into_iter().next() {
            costs.insert(project, group.totals.cost);
        }
    }
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
                cost_24h: costs.remove(&record.project_id).unwrap_or_default().dollars(),
                aliases: app.project_aliases.of(scope, Some(&record.project_id)),
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
        assert_eq!(
            slug_of("Cafe\u{301} Zürich"),
            "café-zürich",
            "accents that stand alone are joined to their letters"
        );
    }
}
