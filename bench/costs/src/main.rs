//! What the parts of ingest cost an event, each by itself.
//!
//! `hiveboard-costs PART EVENTS` with one of: scan, decode, fold, append (batches of 100, ten a commit), append-small (1-10, sixteen a
//! commit), both with `-tables`: with what else waits in memory for the tables of indexes and sums; and of what listens to changes or
//! follows behind: rows (of projections), insights, search. `hiveboard-costs fill EVENTS DIR DAYS` writes a store of so
//! many events, spread over so many days that end now. Prints CPU time; under callgrind with `--collect-atstart=no
//! --toggle-collect='*measured*'` the part alone is counted.

mod parts;

use std::{process::ExitCode, time::Duration};

use parts::Waiting;

/// Time and work of the part alone; the making of its input is outside.
pub(crate) struct Meter {
    spent: Duration,
    events: usize,
}

impl Meter {
    pub(crate) fn measure<T>(&mut self, events: usize, work: impl FnOnce() -> T) -> T {
        let before = cpu();
        let result = measured(work);
        self.spent += cpu().saturating_sub(before);
        self.events += events;
        result
    }
}

/// The name that callgrind is told to collect in.
#[inline(never)]
fn measured<T>(work: impl FnOnce() -> T) -> T {
    std::hint::black_box(work())
}

/// Of this thread, from the kernel's own books.
fn cpu() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(text.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0))
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let part = arguments.next().unwrap_or_default();
    let events = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(100_000);
    let mut meter = Meter { spent: Duration::ZERO, events: 0 };
    match part.as_str() {
        "scan" => parts::scan(events, &mut meter),
        "decode" => parts::decode(events, &mut meter),
        "fold" => parts::fold(events, &mut meter),
        "append" => parts::append(events, 100..=100, 10, Waiting::Many, &mut meter),
        "append-tables" => parts::append(events, 100..=100, 10, Waiting::Few, &mut meter),
        "fill" => {
            let given: Vec<String> = std::env::args().skip(3).collect();
            let [dir, days] = &given[..] else {
                eprintln!("usage: hiveboard-costs fill EVENTS DIR DAYS");
                return ExitCode::FAILURE;
            };
            parts::fill(events, std::path::Path::new(dir), days.parse().unwrap_or(1));
            return ExitCode::SUCCESS;
        }
        "rows" => parts::rows(events, &mut meter),
        "insights" => parts::insights(events, &mut meter),
        "search" => parts::search(events, &mut meter),
        "append-small" => parts::append(events, 1..=10, 16, Waiting::Many, &mut meter),
        "append-small-tables" => parts::append(events, 1..=10, 16, Waiting::Few, &mut meter),
        _ => {
            eprintln!(
                "usage: hiveboard-costs scan|decode|fold|append[-tables]|append-small[-tables]|rows|insights|search EVENTS, or fill EVENTS DIR DAYS"
            );
            return ExitCode::FAILURE;
        }
    }
    let micros = meter.spent.as_secs_f64() * 1e6 / meter.events as f64;
    println!("{part}: {} events, {micros:.3} µs/event", meter.events);
    ExitCode::SUCCESS
}
