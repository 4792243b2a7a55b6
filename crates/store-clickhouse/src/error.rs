//! What ClickHouse's failures mean to the store.

use clickhouse::error::Error;
use hiveboard_store::StoreError;

/// Numbers of ClickHouse's exceptions.
mod code {
    pub(super) const UNKNOWN_TABLE: u32 = 60;
    pub(super) const TIMEOUT_EXCEEDED: u32 = 159;
    pub(super) const QUERY_WAS_CANCELLED: u32 = 394;
    pub(super) const NOT_ENOUGH_SPACE: u32 = 243;
    /// Names, passwords and rights, and profiles that only let read.
    pub(super) const ACCESS: [u32; 7] = [164, 192, 193, 194, 291, 497, 516];
    /// Busy, starting, without its keeper, without enough replicas, parts that pile up: it passes.
    pub(super) const PASSING: [u32; 14] = [202, 203, 209, 210, 225, 241, 242, 252, 279, 285, 286, 319, 386, 999];
}

/// The number of an exception, as it begins: `Code: 60. DB::Exception: …`.
fn code_of(text: &str) -> Option<u32> {
    let from = text.find("Code: ")? + 6;
    let digits = text[from..].split(|one: char| !one.is_ascii_digit()).next()?;
    digits.parse().ok()
}

/// Without the version and stack that follow, which nobody needs twice.
fn short(text: &str) -> &str {
    text.lines().next().unwrap_or("").split(" (version ").next().unwrap_or("")
}

pub(crate) fn of_clickhouse(error: Error) -> StoreError {
    match error {
        Error::TimedOut => StoreError::Away("ClickHouse did not answer in time".to_owned()),
        Error::Network(cause) => {
            let mut told = cause.to_string();
            let mut next = cause.source();
            while let Some(cause) = next {
                told = format!("{told}: {cause}");
                next = cause.source();
            }
            // What rustls makes of an answer that is not encrypted.
            let is_plain = told.contains("InvalidContentType");
            let hint =
                if is_plain { "; it speaks no TLS there: is the address http:// rather than https://?" } else { "" };
            StoreError::Away(format!("ClickHouse cannot be reached ({told}){hint}"))
        }
        Error::BadResponse(text) => of_exception(&text),
        Error::SchemaMismatch(what) => StoreError::Unusable(format!(
            "a table of ClickHouse is not as this version made it ({what}); another program changed it, or a newer HiveBoard did"
        )),
        other => StoreError::Failed(format!("ClickHouse: {other}")),
    }
}

fn of_exception(text: &str) -> StoreError {
    let told = short(text);
    match code_of(text) {
        Some(code::TIMEOUT_EXCEEDED | code::QUERY_WAS_CANCELLED) => StoreError::TimedOut,
        Some(code::NOT_ENOUGH_SPACE) => StoreError::Full(format!("ClickHouse has no room left ({told})")),
        Some(number) if code::ACCESS.contains(&number) => StoreError::Unusable(format!(
            "ClickHouse does not let this user in, or not do what is needed: look at `user`, `password` and its grants ({told})"
        )),
        Some(number) if code::PASSING.contains(&number) => {
            StoreError::Away(format!("ClickHouse cannot do it at the moment ({told})"))
        }
        Some(_) => StoreError::Failed(format!("ClickHouse: {told}")),
        // A proxy, or a server that stops: no exception of its own.
        None => StoreError::Away(format!("ClickHouse did not answer as it should ({told})")),
    }
}

/// Whether the table does not exist.
pub(crate) fn is_unknown_table(error: &StoreError) -> bool {
    matches!(error, StoreError::Failed(text) if code_of(text) == Some(code::UNKNOWN_TABLE))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> StoreError {
        of_clickhouse(Error::BadResponse(text.to_owned()))
    }

    #[test]
    fn exceptions_are_told_by_what_can_be_done_about_them() {
        let text =
            "Code: 159. DB::Exception: Timeout exceeded: elapsed 1.2 seconds. (TIMEOUT_EXCEEDED) (version 26.7.2.1)";
        assert!(matches!(told(text), StoreError::TimedOut));
        let text = "Code: 243. DB::Exception: Cannot reserve 1.00 MiB. (NOT_ENOUGH_SPACE) (version 26.7.2.1)";
        assert!(
            matches!(told(text), StoreError::Full(what) if what.contains("Cannot reserve") && !what.contains("version"))
        );
        let text = "Code: 516. DB::Exception: default: Authentication failed. (AUTHENTICATION_FAILED)";
        assert!(matches!(told(text), StoreError::Unusable(what) if what.contains("password")));
        assert!(matches!(told("Code: 252. DB::Exception: Too many parts."), StoreError::Away(_)));
        assert!(matches!(told("<html>502 Bad Gateway</html>"), StoreError::Away(_)));
        let unknown = told("Code: 60. DB::Exception: Unknown table expression identifier 'projections_1_2'.");
        assert!(is_unknown_table(&unknown), "{unknown:?}");
        assert!(!is_unknown_table(&told("Code: 62. DB::Exception: Syntax error.")));
    }
}
