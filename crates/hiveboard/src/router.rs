//! Every route, top to bottom.

use std::sync::{Arc, LazyLock};

use axum::{
    Extension, Router,
    body::Bytes,
    extract::Request,
    handler::Handler,
    http::{HeaderName, HeaderValue, Method, header},
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{MethodRouter, get, post},
};
use hiveboard_wire::ErrorCode;
use tower::ServiceBuilder;
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer, Predicate,
        predicate::{DefaultPredicate, SizeAbove},
    },
};
use utoipa::{OpenApi, openapi::HttpMethod};
use utoipa_axum::{
    PathItemExt,
    router::{OpenApiRouter, UtoipaMethodRouter},
    routes,
};

use crate::{
    api, app::App, assets, auth, drain_body, error::ApiError, ingest, live, login, mcp, node::Node, openapi,
    request_log::Noted, supervisor::words_of,
};

/// Where, what answers, and what the OpenAPI document says of it. The document is made of all of them when somebody asks for it, for it takes as
/// much memory as all else of a server at rest.
struct Route<S> {
    path: String,
    /// The same under another path too, for programs that know it by that one.
    also: Option<&'static str>,
    methods: MethodRouter<S>,
    documented: fn() -> UtoipaMethodRouter<S>,
}

/// The route of handlers at one path.
macro_rules! route {
    ($first:ident $(:: $of_first:ident)* $(, $more:ident $(:: $of_more:ident)*)*) => {
        Route {
            // Rules by which `routes!` itself asks a handler where it is; it offers no way to ask for that alone.
            path: routes!(@path [path()] of $first $(:: $of_first)*),
            also: None,
            methods: {
                let methods = answered_by(
                    MethodRouter::new(),
                    routes!(@path [methods()] of $first $(:: $of_first)*),
                    $first $(:: $of_first)*,
                );
                $(let methods = answered_by(
                    methods,
                    routes!(@path [methods()] of $more $(:: $of_more)*),
                    $more $(:: $of_more)*,
                );)*
                methods
            },
            documented: || routes!($first $(:: $of_first)* $(, $more $(:: $of_more)*)*),
        }
    };
}

fn answered_by<H: Handler<T, S>, T: 'static, S: Clone + Send + Sync + 'static>(
    methods: MethodRouter<S>,
    by: Vec<HttpMethod>,
    handler: H,
) -> MethodRouter<S> {
    by.iter().fold(methods, |methods, method| methods.on(method.to_method_filter(), handler.clone()))
}

impl<S: Clone + Send + Sync + 'static> Route<S> {
    fn also(self, path: &'static str) -> Self {
        Self { also: Some(path), ..self }
    }

    fn document(self) -> UtoipaMethodRouter<S> {
        let (schemas, mut paths, handlers) = (self.documented)();
        if let Some(also) = self.also {
            let mut operations = paths.paths.get(&self.path).expect("handlers have a path").clone();
            for operation in openapi::operations(&mut operations) {
                operation.description = Some(format!("The same as `{}`.", self.path));
            }
            paths.paths.insert(also.to_owned(), operations);
        }
        (schemas, paths, handlers)
    }
}

fn served<S: Clone + Send + Sync + 'static>(routes: Vec<Route<S>>) -> Router<S> {
    routes.into_iter().fold(Router::new(), |all, Route { path, also, methods, .. }| match also {
        Some(also) => all.route(also, methods.clone()).route(&path, methods),
        None => all.route(&path, methods),
    })
}

fn documented<S: Clone + Send + Sync + 'static>(routes: Vec<Route<S>>) -> utoipa::openapi::OpenApi {
    let all = OpenApiRouter::new();
    routes.into_iter().fold(all, |all, route| all.routes(route.document())).into_openapi()
}

/// Where events come in: behind admission, a key.
fn intake() -> Vec<Route<Arc<Node>>> {
    vec![
        route!(ingest::http::ingest),
        route!(ingest::otlp::http::traces).also("/otlp/v1/traces"),
        route!(ingest::otlp::http::logs).also("/otlp/v1/logs"),
        route!(ingest::otlp::http::metrics).also("/otlp/v1/metrics"),
    ]
}

/// Behind admission: a key or a session, which say whose data is meant.
fn admitted() -> Vec<Route<Arc<App>>> {
    vec![
        route!(api::agents::list),
        route!(api::agents::get),
        route!(api::states::of_agent),
        route!(api::states::list),
        route!(api::pipeline::of_agent),
        route!(api::pipeline::of_all),
        route!(api::tasks::list),
        route!(api::tasks::timeline),
        route!(api::events::list),
        route!(api::metrics::metrics),
        route!(api::failures::list),
        route!(api::failures::get),
        route!(api::insights::list),
        route!(api::cost::summary),
        route!(api::cost::calls),
        route!(api::cost::timeseries),
        route!(api::cost::llm_calls),
        route!(api::prices::explain),
        route!(api::export::export),
        route!(api::prices::list).also("/v1/pricing"),
        route!(api::prices::set, api::prices::remove).also("/v1/pricing/{pattern}"),
        route!(api::projects::list, api::projects::create),
        route!(api::projects::get, api::projects::change, api::projects::delete),
        route!(api::projects::archive),
        route!(api::projects::unarchive),
        route!(api::projects::merge),
        route!(api::project_agents::list, api::project_agents::add),
        route!(api::project_agents::remove),
        route!(api::alerts::list).also("/v1/alerts/history"),
        route!(api::alerts::deliveries),
        route!(api::alerts::get),
        route!(api::alerts::acknowledge),
        route!(api::alerts::resend),
        route!(api::alert_rules::list, api::alert_rules::create),
        route!(api::alert_rules::preview_rule),
        route!(api::alert_rules::get, api::alert_rules::change, api::alert_rules::delete),
        route!(api::alert_rules::mute),
        route!(api::alert_rules::test),
        route!(api::alert_channels::list, api::alert_channels::create),
        route!(api::alert_channels::get, api::alert_channels::change, api::alert_channels::delete),
        route!(api::alert_channels::test),
        route!(api::keys::list, api::keys::create),
        route!(api::keys::revoke),
        route!(api::keys::rotate),
        route!(api::session::session, api::workspaces::turn),
        route!(api::members::list),
        route!(api::members::change, api::members::remove),
        route!(api::invitations::list, api::invitations::create),
        route!(api::invitations::revoke),
        route!(api::sessions::list),
        route!(api::sessions::revoke),
        route!(api::sessions::change_password),
        route!(api::workspaces::list, api::workspaces::create),
        route!(api::workspaces::change, api::workspaces::delete),
        route!(api::audit::list),
        route!(api::views::list, api::views::save),
        route!(api::views::delete),
        route!(api::storage::storage, api::storage::keep),
        route!(live::socket::stream),
    ]
}

/// How the server fares.
fn about() -> Vec<Route<Arc<App>>> {
    vec![route!(api::health::ready), route!(api::health::metrics)]
}

/// For assistants: a protocol of its own, answered by the routes that everybody asks.
fn assistants() -> Vec<Route<Arc<App>>> {
    vec![route!(mcp::http::answer)]
}

/// For everybody.
fn public() -> Vec<Route<Arc<Node>>> {
    vec![
        route!(api::health::health),
        route!(api::sign_in::door, api::sign_in::sign_in),
        route!(api::sign_in::sign_out),
        route!(api::sign_in::set_up),
        route!(api::sign_in::reset_password),
        route!(api::sign_in::mail_reset),
        route!(api::invitations::open),
        route!(api::invitations::accept),
    ]
}

/// The OpenAPI document of all routes.
pub fn document() -> utoipa::openapi::OpenApi {
    let with_errors = |mut document, behind_admission| {
        openapi::document_errors(&mut document, behind_admission);
        document
    };
    let mut document = openapi::Base::openapi();
    document.merge(with_errors(documented(intake()), true));
    document.merge(with_errors(documented(admitted()), true));
    document.merge(with_errors(documented(assistants()), true));
    document.merge(with_errors(documented(about()), false));
    document.merge(with_errors(documented(public()), false));
    openapi::name_operations(&mut document);
    openapi::open_what_is_flattened(&mut document);
    document
}

/// The same as pretty-printed JSON.
pub fn document_text() -> String {
    document().to_pretty_json().expect("the document is plain data")
}

/// Kept as text once somebody asked for it.
async fn document_as_json() -> impl IntoResponse {
    static TEXT: LazyLock<Bytes> = LazyLock::new(|| document().to_json().expect("the document is plain data").into());
    ([(header::CONTENT_TYPE, "application/json")], TEXT.clone())
}

/// All routes of a server that serves all its events itself.
pub fn routes(app: Arc<App>) -> Router {
    around(
        of_node(app.node())
            .merge(of_events(&app, |admitted| admitted))
            .merge(served(about()).with_state(app))
            .fallback(assets::serve)
            .method_not_allowed_fallback(wrong_method),
    )
}

/// Routes that need no events.
fn of_node(node: &Arc<Node>) -> Router {
    let intake = served(intake()).layer(from_fn_with_state(Arc::clone(node), auth::admit));
    Router::new()
        .merge(intake)
        .merge(served(public()))
        .route("/v1/openapi.json", get(document_as_json))
        .route("/enter", get(login::login))
        .route("/leave", post(login::logout))
        .with_state(Arc::clone(node))
}

/// Routes to what events say, with something between them and whoever was let in.
fn of_events(app: &Arc<App>, before: impl FnOnce(Router<Arc<App>>) -> Router<Arc<App>>) -> Router {
    let admit = from_fn_with_state(Arc::clone(app.node()), auth::admit);
    let admitted = before(served(admitted())).layer(admit.clone()).with_state(Arc::clone(app));
    let assistants = served(assistants()).layer(Extension(mcp::http::service(admitted.clone())));
    admitted.merge(assistants.layer(admit).with_state(Arc::clone(app)))
}

/// Those of a partition, with a layer between them and whoever was let in.
pub(crate) fn of_shard(app: &Arc<App>, before: impl FnOnce(Router<Arc<App>>) -> Router<Arc<App>>) -> Router {
    around(of_events(app, before).fallback(assets::serve).method_not_allowed_fallback(wrong_method))
}

/// Those of a node whose partitions have theirs apart.
pub(crate) fn of_a_node(node: &Arc<Node>, about: Router) -> Router {
    around(of_node(node).merge(about).fallback(assets::serve).method_not_allowed_fallback(wrong_method))
}

/// Paths that a node answers without events.
pub(crate) struct OwnPaths {
    public: Vec<String>,
    /// Not below `/v1`, and answered out of events all the same.
    assistants: Vec<String>,
}

impl Default for OwnPaths {
    fn default() -> Self {
        let public = public().into_iter().map(|route| route.path);
        Self {
            public: public.chain(["/v1/openapi.json".to_owned()]).collect(),
            assistants: assistants().into_iter().map(|route| route.path).collect(),
        }
    }
}

impl OwnPaths {
    /// What is not below `/v1` is a page, a file, or how the node fares; but for what assistants ask.
    pub(crate) fn have(&self, path: &str) -> bool {
        let is_of_events = path.starts_with("/v1/") || self.assistants.iter().any(|asked| asked == path);
        !is_of_events || self.public.iter().any(|own| own == path)
    }
}

/// What every request passes on its way in, and every answer on its way out.
pub(crate) fn around(routes: Router) -> Router {
    // One layer of few: each by itself would be a box more around every route, and each costs every request.
    routes.layer(
        ServiceBuilder::new().layer(from_fn(pass)).layer(CatchPanicLayer::custom(panicked)).layer(
            CompressionLayer::new().compress_when(DefaultPredicate::new().and(SizeAbove::new(COMPRESSED_BYTES))),
        ),
    )
}

async fn pass(mut request: Request, next: Next) -> Response {
    let noted = Noted::of(&request);
    offer_plain(&mut request);
    let mut response = noted.scope(drain_body::after(request, |request| next.run(request))).await;
    for (name, value) in SAFETY {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    noted.log(&mut response);
    response
}

/// Takes `identity;q=0` and `*;q=0` out of what is accepted: an answer that is refused for lack of compression helps nobody, and short ones
/// are not compressed. An answer to HEAD has no body that could be, and tells the length of the plain one.
fn offer_plain(request: &mut Request) {
    if request.method() == Method::HEAD {
        request.headers_mut().remove(header::ACCEPT_ENCODING);
    }
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
}

/// What fits into a packet gains nothing by being compressed.
const COMPRESSED_BYTES: u64 = 1_400;

/// No inline script or style, nothing from elsewhere, no framing.
const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
     connect-src 'self'; manifest-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

/// On every answer that does not say otherwise.
const SAFETY: [(HeaderName, &str); 4] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_POLICY),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
];

async fn wrong_method() -> ApiError {
    ApiError::new(
        ErrorCode::MethodNotAllowed,
        "This route does not take this method. GET /v1/openapi.json lists what there is.",
    )
}

fn panicked(cause: Box<dyn std::any::Any + Send + 'static>) -> Response {
    ApiError::internal(words_of(&*cause)).into_response()
}
