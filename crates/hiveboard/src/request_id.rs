//! The name of a request, on its answer and in the log.

use tokio::task_local;

task_local! {
    static REQUEST_ID: String;
}

/// Names a request and guards nothing: it takes no call of the system.
pub(crate) fn make() -> String {
    uuid::Builder::from_random_bytes(fastrand::u128(..).to_le_bytes()).into_uuid().to_string()
}

/// Of the request that is being answered here.
pub(crate) fn current() -> Option<String> {
    REQUEST_ID.try_with(Clone::clone).ok()
}

/// Runs the answer to a request under its id.
pub(crate) async fn scope<T>(request_id: String, answer: impl Future<Output = T>) -> T {
    REQUEST_ID.scope(request_id, answer).await
}

/// Takes the id along to another thread.
pub(crate) fn carry<T>(work: impl FnOnce() -> T) -> impl FnOnce() -> T {
    let request_id = current();
    move || match request_id {
        Some(request_id) => REQUEST_ID.sync_scope(request_id, work),
        None => work(),
    }
}
