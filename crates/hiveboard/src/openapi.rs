//! The API as an OpenAPI document, made from the handlers themselves.

use utoipa::{
    OpenApi,
    openapi::{ContentBuilder, PathItem, Ref, ResponseBuilder, path::Operation},
};

use crate::error::ErrorBody;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "HiveBoard",
        description = "Knows what AI agents are doing. Send `Authorization: Bearer hb_…`. Times are RFC 3339 in UTC, durations milliseconds, money US dollars."
    ),
    components(schemas(ErrorBody)),
    modifiers(&Security)
)]
pub struct Base;

struct Security;

impl utoipa::Modify for Security {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("hb_live_… | hb_test_… | hb_read_…")
            .build();
        document.components.get_or_insert_default().add_security_scheme("key", SecurityScheme::Http(scheme));
        document.security = Some(vec![SecurityRequirement::new::<_, _, String>("key", [])]);
    }
}

/// What can be done at a path.
pub fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post, &mut item.put, &mut item.delete].into_iter().flatten()
}

/// Gives every operation a name of its own, from method and path: `get_v1_agents_agent_id`.
pub fn name_operations(document: &mut utoipa::openapi::OpenApi) {
    for (path, item) in &mut document.paths.paths {
        let words = path.replace(['/', '-'], "_").replace(['{', '}'], "").replace('.', "_");
        let methods =
            [("get", &mut item.get), ("post", &mut item.post), ("put", &mut item.put), ("delete", &mut item.delete)];
        for (method, operation) in methods {
            if let Some(operation) = operation {
                operation.operation_id = Some(format!("{method}{words}"));
            }
        }
    }
}

/// Adds the errors that every route behind admission may answer, and says who may use it.
pub fn document_errors(document: &mut utoipa::openapi::OpenApi, admitted: bool) {
    let shared: &[(&str, &str)] = if admitted {
        &[
            ("400", "A parameter or the body is wrong; what, is named."),
            ("401", "No key or session, or one that is not known."),
            ("403", "The key or the person may not do this."),
            ("408", "The body did not arrive in time; sending it again is safe."),
            ("429", "Over the rate; `Retry-After` says when to come back."),
            ("500", "A fault of the server; its log has the cause under the request id."),
            ("503", "The server cannot do this now; `Retry-After` says when to come back."),
        ]
    } else {
        &[("500", "A fault of the server; its log has the cause under the request id.")]
    };
    for item in document.paths.paths.values_mut() {
        for operation in operations(item) {
            if !admitted {
                operation.security = Some(Vec::new());
            }
            let takes_body = operation.request_body.is_some();
            for (status, description) in shared.iter().filter(|(status, _)| takes_body || *status != "408") {
                let answer = ResponseBuilder::new().description(*description).content(
                    "application/json",
                    ContentBuilder::new().schema(Some(Ref::from_schema_name("ErrorBody"))).build(),
                );
                operation.responses.responses.entry((*status).to_owned()).or_insert_with(|| answer.build().into());
            }
        }
    }
}

/// Lets shapes stand inside larger ones: what refuses unknown fields as a request must not refuse the fields around it as an answer.
pub fn open_what_is_flattened(document: &mut utoipa::openapi::OpenApi) {
    use utoipa::openapi::{RefOr, Schema};
    let Some(components) = &mut document.components else { return };
    let mut inside: Vec<String> = Vec::new();
    for shape in components.schemas.values() {
        if let RefOr::T(Schema::AllOf(parts)) = shape {
            inside.extend(parts.items.iter().filter_map(|part| match part {
                RefOr::Ref(named) => Some(named.ref_location.rsplit('/').next()?.to_owned()),
                RefOr::T(_) => None,
            }));
        }
    }
    for name in inside {
        if let Some(RefOr::T(Schema::Object(shape))) = components.schemas.get_mut(&name) {
            shape.additional_properties = None;
        }
    }
}
