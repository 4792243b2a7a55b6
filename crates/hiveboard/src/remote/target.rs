//! Which server is asked, and with which key.
//!
//! The first that says something wins: `--url`, `--profile`, `--data-dir`, then the same from the environment, then the profile that is the
//! usual one, then the data directory of this place.

use std::path::PathBuf;

use hiveboard_wire::Mode;

use super::{Fault, LocalServer, profiles::Profiles};

/// What flags say.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    pub url: Option<String>,
    pub key: Option<String>,
    pub profile: Option<String>,
    pub data_dir: Option<PathBuf>,
    pub mode: Option<Mode>,
}

/// Where address and key come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    Url,
    Profile(String),
    DataDir(PathBuf),
}

impl Origin {
    /// What to do when nobody answers.
    pub fn advice(&self) -> String {
        match self {
            Self::Url => "Is the address right, and does the server run?".to_owned(),
            Self::Profile(name) => format!(
                "The address is that of the profile {name:?}; does the server run? `hiveboard login URL --profile {name}` changes it."
            ),
            Self::DataDir(_) => {
                "`hiveboard serve` starts a server here; --url with --key, or a profile (`hiveboard login`), names another.".to_owned()
            }
        }
    }
}

/// A server with a key to it.
#[derive(Clone, PartialEq, Eq)]
pub struct Target {
    /// Without a slash at its end.
    pub url: String,
    pub key: String,
    /// Asked for by name; keys have their own, and another one is refused.
    pub mode: Option<Mode>,
    pub origin: Origin,
}

impl std::fmt::Debug for Target {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} with {} ({:?})", self.url, self.shown_key(), self.origin)
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}

impl Target {
    /// # Errors
    /// When nothing names a server, or what does lacks a key.
    pub fn find(asked: Asked) -> Result<Self, Fault> {
        let Asked { url, key, profile, data_dir, mode } = asked;
        let key = key.or_else(|| variable("HIVEBOARD_API_KEY"));
        if let Some(url) = url {
            return Self::of_url(&url, key, mode);
        }
        if let Some(name) = profile {
            return Self::of_profile(&Profiles::load()?, &name, key, mode);
        }
        if data_dir.is_some() {
            return Self::of_data_dir(data_dir, key, mode);
        }
        if let Some(url) = variable("HIVEBOARD_URL") {
            return Self::of_url(&url, key, mode);
        }
        if let Some(name) = variable("HIVEBOARD_PROFILE") {
            return Self::of_profile(&Profiles::load()?, &name, key, mode);
        }
        if variable("HIVEBOARD_DATA_DIR").is_none() {
            let profiles = Profiles::load()?;
            if let Some(name) = profiles.default.clone() {
                return Self::of_profile(&profiles, &name, key, mode);
            }
        }
        Self::of_data_dir(None, key, mode)
    }

    fn of_url(url: &str, key: Option<String>, mode: Option<Mode>) -> Result<Self, Fault> {
        let url = address(url)?;
        // Whoever named the address once need not name the key again.
        let known = if key.is_none() { Profiles::load()?.at(&url).map(|profile| profile.key.clone()) } else { None };
        let key = key.or(known).ok_or_else(|| {
            Fault::Usage(format!(
                "{url} wants a key: give --key or HIVEBOARD_API_KEY, or keep one with `hiveboard login {url}`. `hiveboard keys create --kind read` makes one where the server runs."
            ))
        })?;
        Ok(Self { url, key, mode, origin: Origin::Url })
    }

    fn of_profile(profiles: &Profiles, name: &str, key: Option<String>, mode: Option<Mode>) -> Result<Self, Fault> {
        let profile = profiles.named(name)?;
        Ok(Self {
            url: address(&profile.url)?,
            key: key.unwrap_or_else(|| profile.key.clone()),
            mode,
            origin: Origin::Profile(name.to_owned()),
        })
    }

    fn of_data_dir(data_dir: Option<PathBuf>, key: Option<String>, mode: Option<Mode>) -> Result<Self, Fault> {
        let local = LocalServer::find(data_dir)?;
        let key = match key {
            Some(key) => key,
            None => local.key(mode.unwrap_or(Mode::Live))?,
        };
        Ok(Self { url: local.url, key, mode, origin: Origin::DataDir(local.data_dir) })
    }

    /// Enough of the key to know which one it is.
    pub fn shown_key(&self) -> String {
        format!("{}…", self.key.chars().take(12).collect::<String>())
    }

    pub fn is_loopback(&self) -> bool {
        let authority = self.url.split_once("://").map_or("", |(_, rest)| rest).split('/').next().unwrap_or("");
        authority.starts_with("127.")
            || authority.starts_with("[::1]")
            || authority.split(':').next() == Some("localhost")
    }

    /// The server of a data directory on this machine. Its certificate is for the name that people use, and not for the loopback address.
    pub fn is_own(&self) -> bool {
        matches!(self.origin, Origin::DataDir(_)) && self.is_loopback()
    }

    /// A page of the board: `path` begins with a slash and may have a query.
    pub fn board_link(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }
}

/// An address as clients take it: with a scheme, without a slash at its end.
pub(crate) fn address(given: &str) -> Result<String, Fault> {
    let url = given.trim().trim_end_matches('/');
    let parsed = url.parse::<axum::http::Uri>().ok().filter(|parsed| {
        matches!(parsed.scheme_str(), Some("http" | "https")) && parsed.host().is_some() && parsed.query().is_none()
    });
    if parsed.is_none() {
        return Err(Fault::Usage(format!(
            "{given:?} is not the address of a server, like http://127.0.0.1:8000 or https://board.example.org"
        )));
    }
    Ok(url.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_as_people_write_them() {
        assert_eq!(address(" https://example.org/hive/ "), Ok("https://example.org/hive".to_owned()));
        for wrong in ["", "board.example.org", "ftp://x", "http://x/?a=b", "127.0.0.1:8000"] {
            assert!(matches!(address(wrong), Err(Fault::Usage(_))), "{wrong}");
        }
    }

    #[test]
    fn what_is_on_this_machine_is_known_by_its_address_alone() {
        let at = |url: &str| Target { url: url.to_owned(), key: String::new(), mode: None, origin: Origin::Url };
        for local in ["http://127.0.0.1:8000", "http://localhost", "https://[::1]:8000/hive"] {
            assert!(at(local).is_loopback(), "{local}");
        }
        for other in ["http://localhost.example.org", "http://10.0.0.1", "https://example.org/127.0.0.1"] {
            assert!(!at(other).is_loopback(), "{other}");
        }
    }

    #[test]
    fn a_key_is_never_shown_whole() {
        let key = format!("hb_read_{}", "s".repeat(32));
        let target = Target { url: "http://x".to_owned(), key: key.clone(), mode: None, origin: Origin::Url };
        assert!(!format!("{target:?}").contains(&key));
        assert_eq!(target.shown_key(), "hb_read_ssss…");
    }
}
