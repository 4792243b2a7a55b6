//! `hiveboard doctor`: looks at an installation, running or not, and says line by line what is well, what is not, and what to do.

use std::{path::Path, time::Duration};

use anyhow::bail;
use hiveboard_store as store;
use hiveboard_wire::Timestamp;

use crate::{
    cluster::{
        config::ClusterConfig,
        doctor::{self, Look},
    },
    config::{Config, ServeArgs},
    remote::server_of,
    tls,
};

#[derive(clap::Args)]
pub(super) struct DoctorArgs {
    #[command(flatten)]
    serve: ServeArgs,
    /// Only ask the running server whether it is ready; exit code 1 when it is not. For health checks of containers.
    #[arg(long)]
    health: bool,
}

const MIB: u64 = 1024 * 1024;
/// Connections, day files and their logs.
const ENOUGH_FILES: u64 = 4_096;
const PATIENCE: Duration = Duration::from_secs(2);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Ok,
    Warn,
    Fail,
}
use Verdict::{Fail, Ok as Well, Warn};

/// What was looked at, how it is, and what that means.
struct Finding {
    about: &'static str,
    verdict: Verdict,
    says: String,
}

fn finding(about: &'static str, verdict: Verdict, says: impl Into<String>) -> Finding {
    Finding { about, verdict, says: says.into() }
}

pub(super) fn run(args: DoctorArgs) -> anyhow::Result<()> {
    let config = &Config::resolve(args.serve)?;
    let ask = Asker::new(config)?;
    let answer = ask.get("/ready");
    if args.health {
        return health(&ask.base, answer.as_ref());
    }
    let metrics = ask.get("/metrics").filter(|answer| answer.is_ours).map(|answer| answer.body);
    let mut findings = vec![data_dir(&config.data_dir), disk(config)];
    if let Some(cluster) = &config.cluster {
        findings.push(engine("log", ask.runtime.block_on(doctor::log(cluster, &config.data_dir))));
        findings.push(engine("store", ask.runtime.block_on(doctor::engine(cluster))));
        findings.extend(doctor::copy(&config.data_dir).map(|look| engine("settings", look)));
        findings.extend(node_tls(cluster));
        findings.push(node(&ask.base, answer.as_ref()));
        findings.extend(lost(metrics.as_deref()));
    } else {
        let holder = store::user_of(&config.data_dir);
        findings.push(lock(config, holder));
        findings.push(port(&ask.base, holder, answer.as_ref()));
        findings.extend(holder.map(files_of));
        findings.push(damage(&config.data_dir));
    }
    findings.extend(tls_files(config));
    findings.push(clock(config));
    findings.push(versions(answer.as_ref()));
    findings.push(agents(metrics.as_deref()));
    findings.push(failures(metrics.as_deref()));
    for Finding { about, verdict, says } in &findings {
        let word = match verdict {
            Well => "ok",
            Warn => "warn",
            Fail => "fail",
        };
        say!("{word:<5} {about:<12} {says}");
    }
    let failed = findings.iter().filter(|finding| finding.verdict == Fail).count();
    if failed > 0 {
        bail!("{failed} of {} looks failed", findings.len());
    }
    Ok(())
}

/// What an engine of a cluster said.
fn engine(about: &'static str, look: Look) -> Finding {
    match look {
        Look::Well(says) => finding(about, Well, says),
        Look::Warn(says) => finding(about, Warn, says),
        Look::Fail(says) => finding(about, Fail, says),
    }
}

/// Whether the other nodes believe this one's certificate.
fn node_tls(cluster: &ClusterConfig) -> Option<Finding> {
    let about = "node tls";
    cluster.node_tls.as_ref()?;
    Some(match cluster.ensure_believed() {
        Ok(()) => finding(about, Well, format!("the other nodes believe its certificate for {}", cluster.host())),
        Err(error) => finding(about, Fail, format!("{error:#}")),
    })
}

/// Whether this node runs, and how it stands among the others.
fn node(base: &str, answer: Option<&Answer>) -> Finding {
    let about = "node";
    let Some(answer) = answer else {
        return finding(about, Warn, format!("nothing answers at {base}; `hiveboard serve` starts the node"));
    };
    let said: serde_json::Value = serde_json::from_str(&answer.body).unwrap_or_default();
    let (Some(nodes), Some(partitions)) = (said["nodes"].as_u64(), said["partitions"].as_array()) else {
        return finding(about, Fail, format!("{base} is no node of a cluster, or not ready: {}", answer.body.trim()));
    };
    let behind: u64 = partitions.iter().filter_map(|one| one["behind"].as_u64()).sum();
    let says = format!("one of {nodes} nodes, serves {} partitions, {behind} batches behind", partitions.len());
    if said["status"] == "ok" {
        finding(about, Well, says)
    } else {
        finding(about, Warn, format!("{says}; an engine is away"))
    }
}

/// What left the log before this node had stored it.
fn lost(metrics: Option<&str>) -> Option<Finding> {
    let batches = sum_of(metrics?, "hiveboard_log_lost_batches_total").filter(|batches| *batches > 0.0)?;
    Some(finding(
        "lost",
        Warn,
        format!(
            "{batches} batches had left the log before they were stored, since the node started; its log says which, and why"
        ),
    ))
}

fn health(base: &str, answer: Option<&Answer>) -> anyhow::Result<()> {
    match answer {
        Some(answer) if answer.is_ours && answer.status == 200 => {
            say!("ready");
            Ok(())
        }
        Some(answer) => bail!("{base} is not ready ({}): {}", answer.status, answer.body.trim()),
        None => bail!("nothing answers at {base}"),
    }
}

fn tls_files(config: &Config) -> Option<Finding> {
    let about = "tls";
    let files = config.tls.as_ref()?;
    Some(match files.load() {
        Ok(pair) => finding(about, Well, {
            let certs = pair.cert.len();
            format!("{} ({certs} certificates) and {} belong together", files.cert.display(), files.key.display())
        }),
        Err(error) => finding(about, Fail, format!("{error:#}")),
    })
}

fn data_dir(dir: &Path) -> Finding {
    let about = "data";
    if !dir.join("settings.db").exists() {
        return finding(about, Warn, format!("{} holds no data yet; `hiveboard serve` makes it", dir.display()));
    }
    let probe = dir.join(".doctor");
    if let Err(error) = std::fs::write(&probe, b"") {
        finding(about, Fail, format!("{} cannot be written: {error}; run as the user who owns it", dir.display()))
    } else {
        let _tidied = std::fs::remove_file(&probe);
        finding(about, Well, format!("{} can be written", dir.display()))
    }
}

fn disk(config: &Config) -> Finding {
    let about = "disk";
    let floor = config.free_space_floor_mb;
    // One that is still to be made lies on the disk of what it will be in.
    let place = config.data_dir.ancestors().find(|place| place.exists()).unwrap_or(Path::new("."));
    match store::free_bytes(place) {
        Err(error) => finding(about, Warn, error.to_string()),
        Ok(free) if free / MIB < floor => finding(
            about,
            Fail,
            format!(
                "{} MiB free, under the floor of {floor} MiB: events are refused (storage_full); make room",
                free / MIB
            ),
        ),
        Ok(free) if free / MIB < floor * 8 => finding(
            about,
            Warn,
            format!(
                "{} MiB free; events are refused below {floor} MiB. Make room, or keep events for fewer days (`hiveboard retention`)",
                free / MIB
            ),
        ),
        Ok(free) => finding(about, Well, format!("{} MiB free", free / MIB)),
    }
}

fn lock(config: &Config, holder: Option<u32>) -> Finding {
    let about = "server";
    match holder {
        Some(pid) => finding(about, Well, format!("process {pid} uses {}", config.data_dir.display())),
        None => finding(about, Warn, "no server uses the data directory; `hiveboard serve` starts one"),
    }
}

fn port(base: &str, holder: Option<u32>, answer: Option<&Answer>) -> Finding {
    let about = "port";
    match (answer, holder) {
        (Some(answer), Some(_)) if answer.is_ours && answer.status == 200 => {
            finding(about, Well, format!("{base} answers and is ready"))
        }
        (Some(answer), Some(_)) if answer.is_ours => finding(
            about,
            Warn,
            format!("{base} answers, but is not ready ({}): {}", answer.status, answer.body.trim()),
        ),
        (Some(answer), None) if answer.is_ours => finding(
            about,
            Warn,
            format!("{base} is another HiveBoard's, with other data; is --data-dir the one you mean?"),
        ),
        (Some(_), _) => finding(about, Fail, format!("{base} is taken by another program; choose another with --addr")),
        (None, Some(pid)) => finding(
            about,
            Fail,
            format!("process {pid} runs, but nothing answers at {base}: it listens elsewhere (--addr), or hangs"),
        ),
        (None, None) => finding(about, Well, format!("{base} is free")),
    }
}

fn files_of(pid: u32) -> Finding {
    let about = "files";
    let limits = std::fs::read_to_string(format!("/proc/{pid}/limits")).unwrap_or_default();
    let limit = limits
        .lines()
        .find(|line| line.starts_with("Max open files"))
        .and_then(|line| line.split_whitespace().nth(3))
        .and_then(|soft| soft.parse::<u64>().ok());
    let open = std::fs::read_dir(format!("/proc/{pid}/fd")).map(|entries| entries.count() as u64);
    match (limit, open) {
        (Some(limit), Ok(open)) if open * 10 > limit * 8 => finding(
            about,
            Fail,
            format!("{open} of {limit} files are open; raise the limit (`ulimit -n`, LimitNOFILE= in systemd)"),
        ),
        (Some(limit), Ok(open)) if limit < ENOUGH_FILES => finding(
            about,
            Warn,
            format!("{open} of {limit} files are open; a limit of {ENOUGH_FILES} leaves room for many streams"),
        ),
        (Some(limit), Ok(open)) => finding(about, Well, format!("{open} of {limit} files are open")),
        _ => finding(about, Warn, format!("the files of process {pid} cannot be counted from here")),
    }
}

/// The server writes its derived state every few seconds: a file from the future means that the clock was set back.
fn clock(config: &Config) -> Finding {
    let about = "clock";
    let now = Timestamp::now();
    let newest = ["meta.db-wal", "meta.db", "settings.db"]
        .iter()
        .filter_map(|name| config.data_dir.join(name).metadata().ok()?.modified().ok())
        .max()
        .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok())
        .map_or(0, |since| since.as_micros() as i64);
    let ahead = (newest - now.0) / 1_000_000;
    if ahead > 60 {
        return finding(
            about,
            Fail,
            format!(
                "it says {now}, but data was written {ahead} s later than that: the clock was set back; set it by NTP"
            ),
        );
    }
    // When this was written.
    if now.0 < 1_764_000_000_000_000 {
        return finding(about, Fail, format!("it says {now}, which is past; set it by NTP"));
    }
    finding(about, Well, now.to_string())
}

fn versions(answer: Option<&Answer>) -> Finding {
    let about = "version";
    let own = env!("CARGO_PKG_VERSION");
    let theirs = answer.filter(|answer| answer.is_ours).and_then(|answer| {
        serde_json::from_str::<serde_json::Value>(&answer.body).ok()?["version"].as_str().map(str::to_owned)
    });
    match theirs {
        Some(theirs) if theirs != own => finding(
            about,
            Warn,
            format!("this program is {own}, the server that runs {theirs}; restart it to run what is installed"),
        ),
        _ => finding(about, Well, own),
    }
}

fn damage(dir: &Path) -> Finding {
    let about = "damage";
    let damages = store::damages(dir);
    match damages.first() {
        None => finding(about, Well, "nothing was put aside; `hiveboard check` reads everything"),
        Some(first) => finding(about, Fail, format!("{} damaged: {}: {}", damages.len(), first.file, first.what)),
    }
}

fn agents(metrics: Option<&str>) -> Finding {
    let about = "agents";
    let Some(metrics) = metrics else { return finding(about, Warn, "no server to ask") };
    match (sum_of(metrics, "hiveboard_agents_stuck"), sum_of(metrics, "hiveboard_agents")) {
        (Some(stuck), Some(all)) if stuck > 0.0 => finding(
            about,
            Warn,
            format!(
                "{stuck} of {all} are stuck or offline: see the board; their processes may be gone, or their heartbeats do not arrive"
            ),
        ),
        (Some(_), Some(all)) => finding(about, Well, format!("{all}, none stuck")),
        _ => finding(about, Well, "none reported yet"),
    }
}

fn failures(metrics: Option<&str>) -> Finding {
    let about = "commits";
    let Some(metrics) = metrics else { return finding(about, Warn, "no server to ask") };
    let count = |name| sum_of(metrics, name).unwrap_or(0.0);
    let (failed, overloaded) = (count("hiveboard_commit_failures_total"), count("hiveboard_ingest_overloaded_total"));
    if failed > 0.0 {
        return finding(about, Warn, format!("{failed} failed since the server started; its log says why"));
    }
    if overloaded > 0.0 {
        return finding(
            about,
            Warn,
            format!("{overloaded} batches were refused as too many; look at the disk's speed"),
        );
    }
    finding(about, Well, "none failed, none refused")
}

fn sum_of(metrics: &str, name: &str) -> Option<f64> {
    let values: Vec<f64> = metrics
        .lines()
        .filter(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(' ') || rest.starts_with('{')))
        .filter_map(|line| line.rsplit(' ').next()?.parse().ok())
        .collect();
    (!values.is_empty()).then(|| values.iter().sum())
}

struct Answer {
    status: u16,
    body: String,
    /// It reads like an answer of ours.
    is_ours: bool,
}

/// Asks the running server.
struct Asker {
    runtime: tokio::runtime::Runtime,
    client: reqwest::Client,
    base: String,
}

impl Asker {
    fn new(config: &Config) -> anyhow::Result<Self> {
        tls::choose_cryptography();
        Ok(Self {
            runtime: tokio::runtime::Builder::new_current_thread().enable_all().build()?,
            // The certificate is for the name that people use; this asks the machine that it runs on.
            client: reqwest::Client::builder()
                .no_proxy()
                .timeout(PATIENCE)
                .tls_danger_accept_invalid_certs(true)
                .build()?,
            base: server_of(config),
        })
    }

    /// `None` when nobody listens.
    fn get(&self, path: &str) -> Option<Answer> {
        let told = self.runtime.block_on(async {
            let response = self.client.get(format!("{}{path}", self.base)).send().await?;
            let status = response.status().as_u16();
            reqwest::Result::Ok((status, response.text().await?))
        });
        match told {
            Ok((status, body)) => {
                let is_ours = body.contains("\"version\"") || body.contains("\"error\"") || body.contains("hiveboard_");
                Some(Answer { status, body, is_ours })
            }
            Err(error) if error.is_connect() && !is_about_tls(&error) => None,
            Err(_) => Some(Answer { status: 0, body: String::new(), is_ours: false }),
        }
    }
}

/// Somebody listens, and does not speak TLS, or only that.
fn is_about_tls(error: &reqwest::Error) -> bool {
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        if inner.downcast_ref::<std::io::Error>().is_some_and(|io| io.kind() == std::io::ErrorKind::InvalidData) {
            return true;
        }
        cause = inner.source();
    }
    false
}
