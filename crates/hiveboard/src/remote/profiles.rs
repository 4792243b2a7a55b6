//! Servers that a person asks again and again: addresses with their keys, in a file that nobody else may read.

use std::{collections::BTreeMap, path::PathBuf};

use etcetera::{BaseStrategy as _, base_strategy::choose_base_strategy};
use serde::{Deserialize, Serialize};

use super::Fault;
use crate::private_file;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    pub url: String,
    pub key: String,
}

/// `~/.config/hiveboard/profiles.toml`, or where the platform keeps such things.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profiles {
    /// The one that is meant when none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    #[serde(default)]
    pub profile: BTreeMap<String, Profile>,
}

impl Profiles {
    /// # Errors
    /// When there is no home directory to keep it in.
    pub fn path() -> Result<PathBuf, Fault> {
        choose_base_strategy()
            .map(|base| base.config_dir().join("hiveboard").join("profiles.toml"))
            .map_err(|_| Fault::Usage("the home directory is not known; set HOME".to_owned()))
    }

    /// No file is no profile.
    ///
    /// # Errors
    /// When the file cannot be read, or is not what this program writes.
    pub fn load() -> Result<Self, Fault> {
        let Ok(path) = Self::path() else { return Ok(Self::default()) };
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(Fault::Usage(format!("cannot read {}: {error}", path.display()))),
        };
        toml::from_str(&text).map_err(|error| {
            // Not the text around it, which may hold a key.
            Fault::Usage(format!(
                "{} holds no profiles: {}. Mend it, or remove it and `hiveboard login` again",
                path.display(),
                error.message()
            ))
        })
    }

    /// # Errors
    /// When it cannot be written.
    pub fn save(&self) -> anyhow::Result<PathBuf> {
        let path = Self::path()?;
        private_file::save(&path, &toml::to_string(self)?)?;
        Ok(path)
    }

    /// # Errors
    /// When there is none of that name.
    pub fn named(&self, name: &str) -> Result<&Profile, Fault> {
        self.profile.get(name).ok_or_else(|| {
            let known: Vec<&str> = self.profile.keys().map(String::as_str).collect();
            let there = if known.is_empty() {
                "there are none yet".to_owned()
            } else {
                format!("there are {}", known.join(", "))
            };
            Fault::Usage(format!(
                "no profile is called {name:?}: {there}. `hiveboard login URL --profile {name}` makes it."
            ))
        })
    }

    /// The profile of a server.
    pub fn at(&self, url: &str) -> Option<&Profile> {
        self.profile.values().find(|profile| profile.url == url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_reads_back_and_says_what_is_missing() {
        let mut profiles = Profiles { default: Some("home".to_owned()), ..Profiles::default() };
        let home = Profile { url: "http://127.0.0.1:8000".to_owned(), key: "hb_read_x".to_owned() };
        profiles.profile.insert("home".to_owned(), home.clone());
        let read: Profiles = toml::from_str(&toml::to_string(&profiles).expect("TOML")).expect("what was written");
        assert_eq!(read, profiles);
        assert_eq!(read.at("http://127.0.0.1:8000"), Some(&home));
        let told = read.named("work").expect_err("there is none").to_string();
        assert!(told.contains("\"work\"") && told.contains("home"), "{told}");
    }
}
