//! Writes batches of the fleet, one a line, as `events<TAB>body`: what the benchmarks in Python send.
//!
//! `hiveboard-fleet EVENTS SMALLEST LARGEST AGENTS SEED` — the events end now.

use std::io::Write;

use hiveboard_fleet::Fleet;

fn main() -> std::io::Result<()> {
    let given: Vec<u64> = std::env::args().skip(1).filter_map(|text| text.parse().ok()).collect();
    let [events, smallest, largest, agents, seed] = given[..] else {
        return Err(std::io::Error::other("usage: hiveboard-fleet EVENTS SMALLEST LARGEST AGENTS SEED"));
    };
    let mut fleet = Fleet::new(seed, agents as usize);
    let mut sizes = fastrand::Rng::with_seed(seed);
    let now_micros = jiff::Timestamp::now().as_microsecond();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let (mut made, mut turn) = (0, 0);
    while made < events {
        let size = sizes.u64(smallest..=largest).min(events - made);
        let batch = fleet.batch(turn % agents as usize, size as usize, now_micros, false);
        made += batch.events as u64;
        turn += 1;
        writeln!(out, "{}\t{}", batch.events, batch.json)?;
    }
    out.flush()
}
