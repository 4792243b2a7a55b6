//! `hiveboard check-fleet`: a word and an exit code, for CI and cron.

use std::collections::BTreeMap;

use clap::ValueEnum;
use hiveboard_wire::Timestamp;
use serde_json::json;

use super::{NarrowArgs, ServerArgs, ShowArgs, agents::doing, name_of};
use crate::{
    remote::{
        Fault,
        answers::{Agent, Alert},
    },
    terminal::{clean, figures, output::Output, style},
};

/// An agent in more than so many places is no agent of ours: the most that are looked at.
const MOST_AGENTS: usize = 100_000;

#[derive(clap::Args)]
#[command(
    after_help = "Exit codes: 0 all is well; 1 something of --fail-on, --expect or --at-least was found; 2 wrong usage; 3 no server answers; 4 the key is not allowed to."
)]
pub(crate) struct CheckFleetArgs {
    /// What is not to be: states of agents, `gone` (said goodbye), `alert` (an alert fires).
    #[arg(long, value_enum, value_delimiter = ',', default_values = ["stuck", "error"], value_name = "WHAT,…")]
    fail_on: Vec<FailOn>,
    /// Agents that must be there and alive, whatever else is.
    #[arg(long, value_delimiter = ',', value_name = "AGENT,…")]
    expect: Vec<String>,
    /// How many agents must be there and alive.
    #[arg(long, value_name = "N")]
    at_least: Option<usize>,
    #[command(flatten)]
    narrow: NarrowArgs,
    #[command(flatten)]
    show: ShowArgs,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
enum FailOn {
    Stuck,
    Error,
    #[value(alias = "waiting")]
    WaitingApproval,
    Processing,
    Idle,
    Gone,
    Alert,
}

/// One thing that is not as it should be.
struct Finding {
    what: String,
    agent_id: Option<String>,
    says: String,
}

pub(crate) fn run(args: CheckFleetArgs) -> anyhow::Result<()> {
    let client = args.server.client()?;
    let agents: Vec<Agent> = client.list("/v1/agents", &args.narrow.query(), MOST_AGENTS)?.read()?;
    let mut findings = findings(&args, &agents, Timestamp::now());
    if args.fail_on.contains(&FailOn::Alert) {
        let query = args.narrow.query().with("state", "firing");
        let alerts: Vec<Alert> = client.list("/v1/alerts", &query, MOST_AGENTS)?.read()?;
        findings.extend(alerts.into_iter().map(|alert| Finding {
            what: "alert".to_owned(),
            agent_id: None,
            says: format!("{}: {}", alert.rule_name, alert.summary),
        }));
    }
    tell(&args, &agents, &findings)?;
    if findings.is_empty() {
        return Ok(());
    }
    Err(Fault::Found(format!("{} of what must not be was found", findings.len())).into())
}

fn findings(args: &CheckFleetArgs, agents: &[Agent], now: Timestamp) -> Vec<Finding> {
    let mut findings = Vec::new();
    for agent in agents {
        let status = if agent.is_gone() { "gone" } else { &agent.derived_status };
        if !args.fail_on.iter().any(|wanted| name_of(wanted) == status) {
            continue;
        }
        let doing = doing(agent);
        let at = if doing.is_empty() { String::new() } else { format!(", at {doing}") };
        findings.push(Finding {
            what: status.to_owned(),
            agent_id: Some(agent.agent_id.clone()),
            says: format!(
                "for {}, last seen {} ago{at}",
                figures::since(agent.status_since, now),
                figures::since(agent.last_seen, now)
            ),
        });
    }
    let alive = |agent: &&Agent| !agent.is_gone() && agent.derived_status != "stuck";
    for wanted in &args.expect {
        let found = agents.iter().find(|agent| agent.agent_id == *wanted);
        let says = match found {
            None => "it has never reported here",
            Some(agent) if !alive(&agent) => "it is expected, and not alive",
            Some(_) => continue,
        };
        findings.push(Finding { what: "missing".to_owned(), agent_id: Some(wanted.clone()), says: says.to_owned() });
    }
    let count = agents.iter().filter(alive).count();
    if let Some(least) = args.at_least.filter(|least| count < *least) {
        let says = format!("{count} alive, and {least} are expected");
        findings.push(Finding { what: "missing".to_owned(), agent_id: None, says });
    }
    findings
}

fn tell(args: &CheckFleetArgs, agents: &[Agent], findings: &[Finding]) -> anyhow::Result<()> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for agent in agents {
        *counts.entry(if agent.is_gone() { "gone" } else { &agent.derived_status }).or_default() += 1;
    }
    let mut out = Output::new();
    if args.show.json {
        let found: Vec<_> = findings
            .iter()
            .map(|finding| json!({ "what": finding.what, "agent_id": finding.agent_id, "says": finding.says }))
            .collect();
        let told = json!({ "ok": findings.is_empty(), "agents": agents.len(), "by_status": counts, "findings": found });
        return Ok(out.line(told.to_string())?);
    }
    for finding in findings {
        let about = finding.agent_id.as_deref().map(clean::line).unwrap_or_default();
        let word = style::paint(
            style::of_status(&finding.what),
            &format!("{} {:<8}", style::mark(&finding.what), style::word(&finding.what)),
        );
        out.line(format!("{word} {about}{}{}", if about.is_empty() { "" } else { " " }, clean::line(&finding.says)))?;
    }
    if findings.is_empty() {
        let parts: Vec<String> =
            counts.iter().map(|(status, count)| format!("{count} {}", style::word(status))).collect();
        let parts = if parts.is_empty() { "no agents".to_owned() } else { parts.join(", ") };
        out.line(format!("{} {parts}", style::paint(style::GOOD, "✓ well")))?;
    }
    Ok(())
}
