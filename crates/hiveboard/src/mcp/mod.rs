//! The board for assistants: eight questions as tools of the Model Context Protocol, over stdio and at `POST /mcp`.
//!
//! It only reads, with the key of whoever asks, through the same API as everybody. Answers are short texts with links to the pages of the
//! board that show what was said; lists come in pages.

mod arguments;
mod attention;
pub(crate) mod http;
mod lists;
mod money;
mod source;
mod story;
mod text;
mod tools;

pub use self::{source::Source, tools::Hive};
use rmcp::ServiceExt as _;

use crate::remote::{Client, Query, answers::Session};

/// Serves one assistant on standard input and output, until it hangs up.
///
/// # Errors
/// When the server cannot be asked: better at once than with the first question.
pub fn serve_stdio(client: Client) -> anyhow::Result<()> {
    let _who: Session = client.read("/v1/session", &Query::default())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let serving = Hive::new(Source::Remote(client)).serve(rmcp::transport::stdio()).await?;
        serving.waiting().await?;
        anyhow::Ok(())
    })
}
