//! `hiveboard mcp`: the board for an assistant that starts this as a process.

use super::ServerArgs;
use crate::mcp;

#[derive(clap::Args)]
#[command(
    after_help = "Assistants that speak HTTP need no process: the server answers at POST /mcp, with the key as `Authorization: Bearer hb_read_…`."
)]
pub(crate) struct McpArgs {
    #[command(flatten)]
    server: ServerArgs,
}

pub(crate) fn run(args: McpArgs) -> anyhow::Result<()> {
    mcp::serve_stdio(args.server.client()?)
}
