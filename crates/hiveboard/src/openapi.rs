//! The API as an OpenAPI document, made from the handlers themselves.

use utoipa::OpenApi;

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
