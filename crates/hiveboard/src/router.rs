//! Every route, top to bottom.

use std::sync::Arc;

use axum::{
    Extension, Json, Router,
    extract::Request,
    http::{HeaderName, HeaderValue, header},
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use hiveboard_wire::ErrorCode;
use tower::ServiceBuilder;
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer, Predicate,
        predicate::{DefaultPredicate, SizeAbove},
    },
    set_header::SetResponseHeaderLayer,
};
use utoipa::OpenApi;
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouter},
    routes,
};

use crate::{
    api, app::App, assets, auth, drain_body, error::ApiError, ingest, live, login, mcp, node::Node, openapi,
    request_log, supervisor::words_of,
};

/// The same under another path too, for programs that know it by that one.
fn also<S>(path: &str, (schemas, mut paths, handlers): UtoipaMethodRouter<S>) -> UtoipaMethodRouter<S> {
    let (own, operations) = paths.paths.first_key_value().expect("handlers have a path");
    let (own, mut operations) = (own.clone(), operations.clone());
    for operation in openapi::operations(&mut operations) {
        operation.description = Some(format!("The same as `{own}`."));
    }
    paths.paths.insert(path.to_owned(), operations);
    (schemas, paths, handlers)
}

/// Where events come in: behind admission, a key.
fn intake() -> OpenApiRouter<Arc<Node>> {
    OpenApiRouter::new()
        .routes(routes!(ingest::http::ingest))
        .routes(also("/otlp/v1/traces", routes!(ingest::otlp::http::traces)))
        .routes(also("/otlp/v1/logs", routes!(ingest::otlp::http::logs)))
        .routes(also("/otlp/v1/metrics", routes!(ingest::otlp::http::metrics)))
}

/// Behind admission: a key or a session, which say whose data is meant.
fn admitted() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(api::agents::list))
        .routes(routes!(api::agents::get))
        .routes(routes!(api::states::of_agent))
        .routes(routes!(api::states::list))
        .routes(routes!(api::pipeline::of_agent))
        .routes(routes!(api::pipeline::of_all))
        .routes(routes!(api::tasks::list))
        .routes(routes!(api::tasks::timeline))
        .routes(routes!(api::events::list))
        .routes(routes!(api::metrics::metrics))
        .routes(routes!(api::failures::list))
        .routes(routes!(api::failures::get))
        .routes(routes!(api::insights::list))
        .routes(routes!(api::cost::summary))
        .routes(routes!(api::cost::calls))
        .routes(routes!(api::cost::timeseries))
        .routes(routes!(api::cost::llm_calls))
        .routes(routes!(api::prices::explain))
        .routes(routes!(api::export::export))
        .routes(also("/v1/pricing", routes!(api::prices::list)))
        .routes(also("/v1/pricing/{pattern}", routes!(api::prices::set, api::prices::remove)))
        .routes(routes!(api::projects::list, api::projects::create))
        .routes(routes!(api::projects::get, api::projects::change, api::projects::delete))
        .routes(routes!(api::projects::archive))
        .routes(routes!(api::projects::unarchive))
        .routes(routes!(api::projects::merge))
        .routes(routes!(api::project_agents::list, api::project_agents::add))
        .routes(routes!(api::project_agents::remove))
        .routes(also("/v1/alerts/history", routes!(api::alerts::list)))
        .routes(routes!(api::alerts::deliveries))
        .routes(routes!(api::alerts::get))
        .routes(routes!(api::alerts::acknowledge))
        .routes(routes!(api::alerts::resend))
        .routes(routes!(api::alert_rules::list, api::alert_rules::create))
        .routes(routes!(api::alert_rules::preview_rule))
        .routes(routes!(api::alert_rules::get, api::alert_rules::change, api::alert_rules::delete))
        .routes(routes!(api::alert_rules::mute))
        .routes(routes!(api::alert_rules::test))
        .routes(routes!(api::alert_channels::list, api::alert_channels::create))
        .routes(routes!(api::alert_channels::get, api::alert_channels::change, api::alert_channels::delete))
        .routes(routes!(api::alert_channels::test))
        .routes(routes!(api::keys::list, api::keys::create))
        .routes(routes!(api::keys::revoke))
        .routes(routes!(api::keys::rotate))
        .routes(routes!(api::session::session, api::workspaces::turn))
        .routes(routes!(api::members::list))
        .routes(routes!(api::members::change, api::members::remove))
        .routes(routes!(api::invitations::list, api::invitations::create))
        .routes(routes!(api::invitations::revoke))
        .routes(routes!(api::sessions::list))
        .routes(routes!(api::sessions::revoke))
        .routes(routes!(api::sessions::change_password))
        .routes(routes!(api::workspaces::list, api::workspaces::create))
        .routes(routes!(api::workspaces::change, api::workspaces::delete))
        .routes(routes!(api::audit::list))
        .routes(routes!(api::views::list, api::views::save))
        .routes(routes!(api::views::delete))
        .routes(routes!(api::storage::storage, api::storage::keep))
        .routes(routes!(live::socket::stream))
}

/// How the server fares.
fn about() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(api::health::ready)).routes(routes!(api::health::metrics))
}

/// For assistants: a protocol of its own, answered by the routes that everybody asks.
fn assistants() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(mcp::http::answer))
}

/// For everybody.
fn public() -> OpenApiRouter<Arc<Node>> {
    OpenApiRouter::new()
        .routes(routes!(api::health::health))
        .routes(routes!(api::sign_in::door, api::sign_in::sign_in))
        .routes(routes!(api::sign_in::sign_out))
        .routes(routes!(api::sign_in::set_up))
        .routes(routes!(api::sign_in::reset_password))
        .routes(routes!(api::sign_in::mail_reset))
        .routes(routes!(api::invitations::open))
        .routes(routes!(api::invitations::accept))
}

/// The OpenAPI document of all routes.
pub fn document() -> utoipa::openapi::OpenApi {
    let with_errors = |mut document, behind_admission| {
        openapi::document_errors(&mut document, behind_admission);
        document
    };
    let mut document = openapi::Base::openapi();
    document.merge(with_errors(intake().into_openapi(), true));
    document.merge(with_errors(admitted().into_openapi(), true));
    document.merge(with_errors(assistants().into_openapi(), true));
    document.merge(with_errors(about().into_openapi(), false));
    document.merge(with_errors(public().into_openapi(), false));
    openapi::name_operations(&mut document);
    openapi::open_what_is_flattened(&mut document);
    document
}

/// The same as pretty-printed JSON.
pub fn document_text() -> String {
    document().to_pretty_json().expect("the document is plain data")
}

/// All routes of a server that serves all its events itself.
pub fn routes(app: Arc<App>) -> Router {
    around(
        of_node(app.node())
            .merge(of_events(&app))
            .merge(about().split_for_parts().0.with_state(app))
            .fallback(assets::serve)
            .method_not_allowed_fallback(wrong_method),
    )
}

/// Routes that need no events.
fn of_node(node: &Arc<Node>) -> Router {
    let document = document();
    let intake = intake().split_for_parts().0.layer(from_fn_with_state(Arc::clone(node), auth::admit));
    Router::new()
        .merge(intake)
        .merge(public().split_for_parts().0)
        .route("/v1/openapi.json", get(move || std::future::ready(Json(document))))
        .route("/enter", get(login::login))
        .route("/leave", post(login::logout))
        .with_state(Arc::clone(node))
}

/// Routes to what events say.
fn of_events(app: &Arc<App>) -> Router {
    let admit = from_fn_with_state(Arc::clone(app.node()), auth::admit);
    let admitted = admitted().split_for_parts().0.layer(admit.clone()).with_state(Arc::clone(app));
    let assistants = assistants().split_for_parts().0.layer(Extension(mcp::http::service(admitted.clone())));
    admitted.merge(assistants.layer(admit).with_state(Arc::clone(app)))
}

/// Those of a partition, with a layer between them and whoever was let in.
pub(crate) fn of_shard(app: &Arc<App>, before: impl FnOnce(Router<Arc<App>>) -> Router<Arc<App>>) -> Router {
    let admit = from_fn_with_state(Arc::clone(app.node()), auth::admit);
    around(
        before(admitted().split_for_parts().0)
            .layer(admit)
            .with_state(Arc::clone(app))
            .fallback(assets::serve)
            .method_not_allowed_fallback(wrong_method),
    )
}

/// Those of a node whose partitions have theirs apart.
pub(crate) fn of_a_node(node: &Arc<Node>, about: Router) -> Router {
    around(of_node(node).merge(about).fallback(assets::serve).method_not_allowed_fallback(wrong_method))
}

/// Paths that a node answers without events.
pub(crate) struct OwnPaths(Vec<String>);

impl Default for OwnPaths {
    fn default() -> Self {
        let public = public().into_openapi().paths.paths.into_keys();
        Self(public.chain(["/v1/openapi.json".to_owned()]).collect())
    }
}

impl OwnPaths {
    /// What is not below `/v1` is a page, a file, or how the node fares.
    pub(crate) fn have(&self, path: &str) -> bool {
        !path.starts_with("/v1/") || self.0.iter().any(|own| own == path)
    }
}

/// What every request passes on its way in, and every answer on its way out.
pub(crate) fn around(routes: Router) -> Router {
    // One layer of many: each by itself would be a box more around every route, and around every request.
    routes.layer(
        ServiceBuilder::new()
            .layer(from_fn(request_log::log))
            .layer(header_layer(header::CONTENT_SECURITY_POLICY, CONTENT_POLICY))
            .layer(header_layer(header::X_FRAME_OPTIONS, "DENY"))
            .layer(header_layer(header::REFERRER_POLICY, "same-origin"))
            .layer(header_layer(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .layer(CatchPanicLayer::custom(panicked))
            .layer(from_fn(offer_plain))
            .layer(CompressionLayer::new().compress_when(DefaultPredicate::new().and(SizeAbove::new(COMPRESSED_BYTES))))
            .layer(from_fn(drain_body::drain)),
    )
}

/// Takes `identity;q=0` and `*;q=0` out of what is accepted: an answer that is refused for lack of compression helps nobody, and short ones
/// are not compressed.
async fn offer_plain(mut request: Request, next: Next) -> Response {
    let accepted = request.headers().get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    if let Some(accepted) = accepted.filter(|accepted| accepted.contains("q=0")) {
        let refuses_plain = |item: &&str| {
            let (name, weight) = item.split_once(';').unwrap_or((item, ""));
            let is_zero = weight.trim().strip_prefix("q=").and_then(|weight| weight.parse::<f32>().ok()) == Some(0.0);
            is_zero && matches!(name.trim(), "identity" | "*")
        };
        let left: Vec<&str> = accepted.split(',').filter(|item| !refuses_plain(item)).collect();
        if let Ok(left) = HeaderValue::from_str(&left.join(",")) {
            request.headers_mut().insert(header::ACCEPT_ENCODING, left);
        }
    }
    next.run(request).await
}

/// What fits into a packet gains nothing by being compressed.
const COMPRESSED_BYTES: u64 = 1_400;

/// No inline script or style, nothing from elsewhere, no framing.
const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
     connect-src 'self'; manifest-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

fn header_layer(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

async fn wrong_method() -> ApiError {
    ApiError::new(
        ErrorCode::MethodNotAllowed,
        "This route does not take this method. GET /v1/openapi.json lists what there is.",
    )
}

fn panicked(cause: Box<dyn std::any::Any + Send + 'static>) -> Response {
    ApiError::internal(words_of(&*cause)).into_response()
}
