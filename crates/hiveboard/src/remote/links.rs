//! Pages of the board, from its root, as `web/src/view/url.ts` reads them; and questions whose ids stand in parameters.

/// Where the story of a run is asked for. The id is a parameter, for there are ids that no path can hold.
pub const TIMELINE: &str = "/v1/tasks/-/timeline";

/// A value of a query.
pub fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

pub fn task(agent_id: &str, task_id: &str, task_run_id: &str) -> String {
    let run = if task_run_id.is_empty() { String::new() } else { format!("&run={}", encoded(task_run_id)) };
    format!("/tasks?task={}&owner={}{run}", encoded(task_id), encoded(agent_id))
}

pub fn agent(agent_id: &str) -> String {
    format!("/agent?agent={}", encoded(agent_id))
}
