//! Figures as people read them. The words of titles and the values of evidence come from the same call, so that they cannot differ.

/// What a figure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Whole things, which the word beside it names.
    Count(&'static str),
    Dollars,
    /// 0 to 100.
    Percent,
    /// Between two shares of a whole.
    Points,
    Seconds,
    /// A ratio.
    Times,
}

impl Unit {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Count(what) => what,
            Self::Dollars => "USD",
            Self::Percent => "percent",
            Self::Points => "percentage points",
            Self::Seconds => "seconds",
            Self::Times => "times",
        }
    }
}

/// As it stands in a sentence.
pub(crate) fn text(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Count(_) => grouped(value.round()),
        Unit::Dollars if value.abs() >= 100.0 => format!("${}", grouped(value.round())),
        Unit::Dollars if value.abs() >= 1.0 || value == 0.0 => format!("${value:.2}"),
        Unit::Dollars => format!("${}", two_digits(value)),
        Unit::Percent if value < 10.0 && value > 0.0 => format!("{value:.1} %"),
        Unit::Percent => format!("{value:.0} %"),
        Unit::Points => format!("{:.1} points", value.abs()),
        Unit::Seconds => duration(value),
        Unit::Times if value >= 10.0 => format!("{value:.0}×"),
        Unit::Times => format!("{value:.1}×"),
    }
}

fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 1.0 => format!("{:.0} ms", s * 1000.0),
        s if s < 100.0 => format!("{s:.1} s"),
        s if s < 6_000.0 => format!("{:.0} min", s / 60.0),
        s if s < 172_800.0 => format!("{:.1} h", s / 3_600.0),
        s => format!("{:.1} days", s / 86_400.0),
    }
}

/// Below one: two digits that say something.
fn two_digits(value: f64) -> String {
    let digits = (1 - value.abs().max(1e-9).log10().floor() as i32).clamp(2, 9) as usize;
    format!("{value:.digits$}")
}

fn grouped(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut out = String::with_capacity(digits.len() + 4);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    if value < 0.0 { format!("-{out}") } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_as_people_write_them() {
        let cases = [
            (1_234_567.0, Unit::Count("runs"), "1,234,567"),
            (0.000_125, Unit::Dollars, "$0.00013"),
            (0.25, Unit::Dollars, "$0.25"),
            (12.5, Unit::Dollars, "$12.50"),
            (1_204.4, Unit::Dollars, "$1,204"),
            (3.21, Unit::Percent, "3.2 %"),
            (87.4, Unit::Percent, "87 %"),
            (0.25, Unit::Seconds, "250 ms"),
            (600.0, Unit::Seconds, "10 min"),
            (2.04, Unit::Times, "2.0×"),
            (34.4, Unit::Times, "34×"),
        ];
        for (value, unit, wanted) in cases {
            assert_eq!(text(value, unit), wanted);
        }
    }
}
