//! By which names a model may stand in the table: its own, and those without parts that do not change the model.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What was taken off a model's name before a row matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Anchor {
    /// Nothing: the row has the very name.
    Exact,
    /// Provider, region or cloud in front.
    WithoutProvider,
    /// A date or version of the deployment behind.
    WithoutDate,
    /// Both.
    WithoutProviderAndDate,
}

/// What stands in front of a maker's model and sells it at the maker's list price. Other hosts' prices are their own.
const PROVIDERS: &[&str] = &[
    "litellm_proxy/",
    "openrouter/",
    "models/",
    "google/",
    "gemini/",
    "google_genai:",
    "google-gla:",
    "google-vertex:",
    "google_vertexai:",
    "vertex_ai/",
    "anthropic/",
    "anthropic:",
    "openai/",
    "openai:",
    "openai-chat:",
    "openai-responses:",
    "azure/",
    "azure_openai/",
    "azure_openai:",
    "azure:",
    "azure_ai/",
    "bedrock/",
    "bedrock:",
    "bedrock_converse:",
    "converse/",
    "deepseek/",
    "deepseek:",
    "mistral/",
    "mistralai/",
    "mistral:",
    "mistralai:",
    "x-ai/",
    "xai/",
    "xai:",
    "cohere/",
    "cohere:",
    "moonshotai/",
];
/// Inference profiles of clouds, in front of the maker.
const REGIONS: &[&str] = &["us.", "eu.", "apac.", "au.", "jp.", "ca.", "us-gov.", "global."];
const CLOUD_MAKERS: &[&str] = &["anthropic."];

/// Names to look for, best first.
pub(crate) fn candidates(model: &str) -> Vec<(String, Anchor)> {
    let full = model.trim().to_lowercase();
    let mut heads = vec![full.clone()];
    let mut rest = full.as_str();
    // `projects/…/models/x`, `arn:…/x`: what leads to the model is no part of its name.
    if rest.starts_with("arn:") || rest.starts_with("projects/") || rest.starts_with("publishers/") {
        rest = rest.rsplit('/').next().unwrap_or(rest);
        heads.push(rest.to_owned());
    }
    while let Some(shorter) = without_provider(rest) {
        rest = shorter;
        heads.push(rest.to_owned());
    }
    let mut names = Vec::new();
    for (place, head) in heads.iter().enumerate() {
        let anchor = if place == 0 { Anchor::Exact } else { Anchor::WithoutProvider };
        add(&mut names, head, anchor);
    }
    for (place, head) in heads.iter().enumerate() {
        let anchor = if place == 0 { Anchor::WithoutDate } else { Anchor::WithoutProviderAndDate };
        let mut rest = head.as_str();
        while let Some(shorter) = without_date(rest) {
            rest = shorter;
            add(&mut names, rest, anchor);
        }
    }
    names
}

fn add(names: &mut Vec<(String, Anchor)>, name: &str, anchor: Anchor) {
    // The cloud writes 3.5 as 35 in names of deployments.
    let azure = name.contains("gpt-35-").then(|| name.replace("gpt-35-", "gpt-3.5-"));
    // Makers write 4-5, routers 4.5.
    let dashed = (name.starts_with("claude-") && name.contains('.')).then(|| name.replace('.', "-"));
    for spelling in [Some(name.to_owned()), azure, dashed].into_iter().flatten() {
        if !spelling.is_empty() && !names.iter().any(|(known, _)| *known == spelling) {
            names.push((spelling, anchor));
        }
    }
}

fn without_provider(name: &str) -> Option<&str> {
    let in_front = [PROVIDERS, REGIONS, CLOUD_MAKERS].into_iter().flatten();
    if let Some(rest) = in_front.filter_map(|prefix| name.strip_prefix(prefix)).min_by_key(|rest| rest.len()) {
        return (!rest.is_empty()).then_some(rest);
    }
    // bedrock/us-east-1/anthropic.…, azure/eu/gpt-4o
    let (first, rest) = name.split_once('/')?;
    let is_region = matches!(first, "us" | "eu" | "global" | "global-standard") || is_cloud_region(first);
    (is_region && !rest.is_empty()).then_some(rest)
}

/// `us-east-1`, `eu-central-2`, `us-gov-west-1`
fn is_cloud_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    parts.len() >= 3
        && parts[0].len() == 2
        && parts.last().is_some_and(|last| last.len() == 1 && last.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Without `-20250514`, `-2025-05-14`, `@20250514`, `@latest`, `-latest`, `-v1:0`, `-v1` or `:0` at its end.
fn without_date(name: &str) -> Option<&str> {
    for word in ["-latest", "@latest", "@default", ":latest"] {
        // A tag of a local model is another model's size as often as its newest build: only makers' own words are taken off.
        if word != ":latest"
            && let Some(rest) = name.strip_suffix(word)
        {
            return Some(rest);
        }
    }
    let digits_behind = |text: &str| text.bytes().rev().take_while(u8::is_ascii_digit).count();
    let count = digits_behind(name);
    if count == 0 {
        return None;
    }
    let rest = &name[..name.len() - count];
    let number = &name[name.len() - count..];
    if count == 8 && is_year(number) {
        return rest.strip_suffix(['-', '@']);
    }
    if count == 1 {
        if let Some(rest) = rest.strip_suffix(':')
            && version(rest).is_some()
        {
            return version(rest);
        }
        return version(name);
    }
    if count == 2 {
        let rest = rest.strip_suffix('-')?;
        let (rest, month) = rest.split_at_checked(rest.len().checked_sub(2)?)?;
        let rest = rest.strip_suffix('-')?;
        let (rest, year) = rest.split_at_checked(rest.len().checked_sub(4)?)?;
        let is_date = month.bytes().all(|byte| byte.is_ascii_digit()) && year.len() == 4 && is_year(year);
        return rest.strip_suffix(['-', '@']).filter(|_| is_date);
    }
    None
}

/// Without `-v1` behind a date, as clouds write it.
fn version(name: &str) -> Option<&str> {
    let rest = name.trim_end_matches(|sign: char| sign.is_ascii_digit()).strip_suffix("-v")?;
    let dated = rest.len() > 8 && rest.is_char_boundary(rest.len() - 8) && is_year(&rest[rest.len() - 8..]);
    dated.then_some(rest)
}

fn is_year(text: &str) -> bool {
    text.starts_with("20") && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `*` matches any text, the empty one too; a pattern without one must match whole.
pub fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(model: &str) -> Vec<String> {
        candidates(model).into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn parts_that_do_not_change_the_model_are_taken_off_its_ends() {
        for (model, least) in [
            ("GPT-4o", "gpt-4o"),
            ("openai/gpt-4o-2031-01-02", "gpt-4o"),
            ("us.anthropic.claude-sonnet-4-20250514-v1:0", "claude-sonnet-4"),
            ("bedrock/us-east-1/anthropic.claude-sonnet-4-20250514-v1:0", "claude-sonnet-4"),
            (
                "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-20250514-v1:0",
                "claude-sonnet-4",
            ),
            ("claude-sonnet-4@20250514", "claude-sonnet-4"),
            ("models/gemini-2.5-pro", "gemini-2.5-pro"),
            ("projects/p/locations/l/publishers/google/models/gemini-2.5-pro", "gemini-2.5-pro"),
            ("azure/eu/gpt-4o", "gpt-4o"),
            ("azure/gpt-35-turbo", "gpt-3.5-turbo"),
            ("anthropic/claude-opus-4.5", "claude-opus-4-5"),
            ("claude-3-5-haiku-latest", "claude-3-5-haiku"),
        ] {
            assert!(names(model).iter().any(|name| name == least), "{model}: {:?}", names(model));
        }
    }

    #[test]
    fn parts_that_make_another_model_stay() {
        for (model, never) in [
            ("gpt-5.2-mini", "gpt-5.2"),
            ("deepseek/deepseek-r1:free", "deepseek-r1"),
            ("ollama/llama3.1:8b", "llama3.1"),
            ("gpt-4o-realtime-preview", "gpt-4o"),
            ("gpt-3.5-turbo-16k", "gpt-3.5-turbo"),
            ("gemini-1.5-flash-8b", "gemini-1.5-flash"),
            ("claude-sonnet-4-5", "claude-sonnet-4"),
            ("together_ai/deepseek-v3", "deepseek-v3"),
            ("model-v2", "model"),
            ("gpt-4-32", "gpt-4"),
        ] {
            assert!(names(model).iter().all(|name| name != never), "{model}: {:?}", names(model));
        }
    }

    #[test]
    fn odd_names_are_no_trouble() {
        for model in
            ["", "/", "-", "é-20250514", "é20250514", "20250514", "-v1:0", "2025-01-01", "arn:", "日-2025-01-01"]
        {
            let _any = candidates(model);
        }
    }

    #[test]
    fn patterns_match_whole_names() {
        assert!(matches("a*c", "abc") && matches("a*c", "ac") && matches("*", "") && matches("a*b*c", "axbxc"));
        assert!(!matches("a*c", "abcd") && !matches("abc", "abcd") && !matches("ab*bc", "abc"));
    }
}
