//! Figures as the board writes them: digits that matter at that size, `–` where nothing was reported.

use hiveboard_wire::Timestamp;
use jiff::tz::TimeZone;

const UNKNOWN: &str = "–";

/// `42 ms`, `0.63 s`, `6.8 s`, `2m 51s`, `1h 04m`, `3d 04h`.
pub fn duration(milliseconds: Option<f64>) -> String {
    let Some(ms) = milliseconds.filter(|ms| ms.is_finite()) else { return UNKNOWN.to_owned() };
    let ms = ms.max(0.0);
    match ms {
        0.0 => "0 ms".to_owned(),
        _ if ms < 1.0 => "<1 ms".to_owned(),
        _ if ms < 100.0 => format!("{ms:.0} ms"),
        _ if ms < 995.0 => format!("{:.2} s", ms / 1_000.0),
        _ if ms < 59_950.0 => format!("{:.1} s", ms / 1_000.0),
        _ => long((ms / 1_000.0).round() as u64),
    }
}

/// How long ago: whole seconds under a minute, then as durations. A time that is yet to come (clocks differ) counts as now.
pub fn age(seconds: Option<f64>) -> String {
    let Some(seconds) = seconds.filter(|seconds| seconds.is_finite()) else { return UNKNOWN.to_owned() };
    let seconds = seconds.max(0.0) as u64;
    if seconds < 60 { format!("{seconds} s") } else { long(seconds) }
}

/// [`age`] of a moment.
pub fn since(moment: Timestamp, now: Timestamp) -> String {
    age(Some(now.seconds_since(moment)))
}

fn long(seconds: u64) -> String {
    match seconds {
        s if s < 3_600 => format!("{}m {:02}s", s / 60, s % 60),
        s if s < 86_400 => format!("{}h {:02}m", s / 3_600, s % 3_600 / 60),
        s => format!("{}d {:02}h", s / 86_400, s % 86_400 / 3_600),
    }
}

/// US dollars: `$0.000062`, `$0.0004`, `$0.031`, `$4.82`, `$1,204`, `$48.2k`.
pub fn money(dollars: Option<f64>) -> String {
    let Some(dollars) = dollars.filter(|dollars| dollars.is_finite()) else { return UNKNOWN.to_owned() };
    let (sign, size) = (if dollars < 0.0 { "-" } else { "" }, dollars.abs());
    let digits = match size {
        0.0 => "0".to_owned(),
        s if s < 1e-9 => return format!("<{sign}$0.000000001"),
        s if s < 0.001 => three_digits(s),
        s if s < 0.01 => format!("{s:.4}"),
        s if s < 1.0 => format!("{s:.3}"),
        s if s < 100.0 => format!("{s:.2}"),
        s if s < 10_000.0 => grouped(s.round() as u64),
        s if s < 1e6 => format!("{:.1}k", s / 1e3),
        s => format!("{:.1}M", s / 1e6),
    };
    format!("{sign}${digits}")
}

fn three_digits(size: f64) -> String {
    let places = (-size.log10()).floor() as usize + 3;
    let text = format!("{size:.places$}");
    let least = "0.0000".len();
    let kept = text.trim_end_matches('0').len().max(least.min(text.len()));
    text[..kept].to_owned()
}

/// `0`, `412`, `1,204`, `29.4k`, `1.8M`.
pub fn count(count: Option<u64>) -> String {
    let Some(count) = count else { return UNKNOWN.to_owned() };
    match count {
        c if c < 10_000 => grouped(c),
        c if c < 999_950 => one_place(c as f64 / 1e3, "k"),
        c if c < 999_950_000 => one_place(c as f64 / 1e6, "M"),
        c => one_place(c as f64 / 1e9, "G"),
    }
}

/// A share between 0 and 1: `94.1 %`, `100 %`.
pub fn share(share: Option<f64>) -> String {
    share.filter(|share| share.is_finite()).map_or_else(|| UNKNOWN.to_owned(), |share| one_place(share * 100.0, " %"))
}

/// A figure with the unit that the server names for it.
pub fn quantity(value: f64, unit: &str) -> String {
    match unit.to_lowercase().replace('_', " ").as_str() {
        "usd" | "dollars" => money(Some(value)),
        "ms" | "milliseconds" => duration(Some(value)),
        "s" | "seconds" => duration(Some(value * 1_000.0)),
        "share" => share(Some(value)),
        "percent" | "%" => one_place(value, " %"),
        "times" => format!("×{}", one_place(value, "")),
        "percentage points" => one_place(value, " pt"),
        "" | "count" => plain(value),
        other => format!("{} {other}", plain(value)),
    }
}

fn plain(value: f64) -> String {
    if value.fract() == 0.0 && value >= 0.0 { count(Some(value as u64)) } else { format!("{value:.2}") }
}

fn one_place(value: f64, unit: &str) -> String {
    let text = format!("{value:.1}");
    format!("{}{unit}", text.strip_suffix(".0").unwrap_or(&text))
}

fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + 4);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `14:29:47` in the zone of this machine, with the day before it when that is another day than `now`.
pub fn clock(moment: Timestamp, now: Timestamp) -> String {
    let zone = TimeZone::system();
    let local =
        |at: Timestamp| jiff::Timestamp::from_microsecond(at.micros()).unwrap_or_default().to_zoned(zone.clone());
    let (at, now) = (local(moment), local(now));
    let form = if at.date() == now.date() {
        "%H:%M:%S"
    } else if at.year() == now.year() {
        "%b %d %H:%M"
    } else {
        "%Y-%m-%d %H:%M"
    };
    at.strftime(form).to_string()
}

/// A bar of so many columns, filled to a share of 0 to 1; something that is there shows.
pub fn bar(share: f64, columns: usize) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
    let mut eighths = (share * columns as f64 * 8.0).round() as usize;
    if share > 0.0 {
        eighths = eighths.max(1);
    }
    format!("{}{}", "█".repeat(eighths / 8), EIGHTHS[eighths % 8])
}

/// Counts as a line of small bars.
pub fn sparkline(counts: &[u32]) -> String {
    const HEIGHTS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    counts
        .iter()
        .map(|count| if *count == 0 { ' ' } else { HEIGHTS[(u64::from(*count) * 7 / u64::from(most)) as usize] })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_as_on_the_board() {
        let durations = [
            (0.0, "0 ms"),
            (0.4, "<1 ms"),
            (42.4, "42 ms"),
            (630.0, "0.63 s"),
            (6_800.0, "6.8 s"),
            (59_960.0, "1m 00s"),
            (171_000.0, "2m 51s"),
            (3_840_000.0, "1h 04m"),
            (273_600_000.0, "3d 04h"),
        ];
        for (ms, wanted) in durations {
            assert_eq!(duration(Some(ms)), wanted);
        }
        let amounts = [
            (0.0, "$0"),
            (0.000_062, "$0.000062"),
            (0.0004, "$0.0004"),
            (0.0042, "$0.0042"),
            (0.031, "$0.031"),
            (4.82, "$4.82"),
            (1_204.4, "$1,204"),
            (48_200.0, "$48.2k"),
            (-2.0, "-$2.00"),
        ];
        for (dollars, wanted) in amounts {
            assert_eq!(money(Some(dollars)), wanted);
        }
        for (number, wanted) in
            [(0, "0"), (1_204, "1,204"), (29_400, "29.4k"), (1_800_000, "1.8M"), (2_000_000_000, "2G")]
        {
            assert_eq!(count(Some(number)), wanted);
        }
        assert_eq!((share(Some(0.9412)), share(Some(1.0)), share(None)), ("94.1 %".into(), "100 %".into(), "–".into()));
        assert_eq!(
            (age(Some(59.9)), age(Some(-3.0)), age(Some(7_500.0))),
            ("59 s".into(), "0 s".into(), "2h 05m".into())
        );
        assert_eq!(
            (quantity(3.0, "runs"), quantity(12.5, "percent"), quantity(0.5, "USD")),
            ("3 runs".into(), "12.5 %".into(), "$0.500".into())
        );
    }

    #[test]
    fn bars_show_what_is_there() {
        assert_eq!(
            (bar(0.0, 4), bar(0.001, 4), bar(0.5, 4), bar(1.0, 4), bar(2.0, 2)),
            (String::new(), "▏".into(), "██".into(), "████".into(), "██".into())
        );
        assert_eq!(sparkline(&[0, 1, 7, 14]), " ▁▄█");
    }
}
