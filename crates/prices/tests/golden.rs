//! Usage as providers and libraries report it, and what it comes to: `golden/*.json`, whose figures were worked out by hand.

use hiveboard_prices::{PriceTable, TokenKind, Usage, explain, parse};
use hiveboard_wire::{CostSource, body::LlmCall};
use serde_json::{Map, Value};

fn call(given: &Value) -> LlmCall {
    LlmCall {
        model: given["model"].as_str().map(Into::into),
        tokens_in: given["tokens_in"].as_u64(),
        tokens_out: given["tokens_out"].as_u64(),
        metadata: given.get("metadata").map(|metadata| metadata.to_string().into()),
        ..LlmCall::default()
    }
}

#[test]
fn usage_as_reported_comes_to_kinds_and_cost() {
    let mut files = 0;
    for entry in std::fs::read_dir("tests/golden").expect("golden files") {
        let path = entry.expect("a file").path();
        let cases: Value = serde_json::from_str(&std::fs::read_to_string(&path).expect("readable")).expect("JSON");
        files += 1;
        for case in cases.as_array().expect("a list of cases") {
            let name = format!("{}: {}", path.display(), case["name"]);
            let call = call(&case["call"]);
            let usage = Usage::of(call.tokens_in, call.tokens_out, call.metadata.as_deref());
            let kinds: Map<String, Value> = TokenKind::ALL
                .into_iter()
                .filter(|kind| usage.tokens(*kind) > 0)
                .map(|kind| {
                    let key = serde_json::to_value(kind).expect("a name");
                    (key.as_str().expect("a name").to_owned(), usage.tokens(kind).into())
                })
                .collect();
            assert_eq!(Value::Object(kinds), case["kinds"], "{name}");
            let table = PriceTable::shipped();
            let cost = table.cost(&call);
            assert_eq!(cost.source, CostSource::Estimated, "{name}");
            assert_eq!(Some(cost.amount.dollars()), case["cost"].as_f64(), "{name}");
            let explained = explain(&table, &call, cost.source);
            let shares: f64 = explained.shares.iter().map(|share| share.cost).sum();
            assert!((shares - cost.amount.dollars()).abs() < 1e-9, "{name}: {explained:?}");
            assert_eq!(explained.estimate, Some(cost.amount.dollars()), "{name}");
        }
    }
    assert!(files >= 6, "only {files} golden files");
}

/// Dollars per million in and out; `None` is unknown.
fn price(model: &str) -> Option<(f64, f64)> {
    let rates = PriceTable::shipped().find(model)?.row.rates;
    Some((rates.input_per_million, rates.output_per_million))
}

#[test]
fn models_have_their_own_price() {
    for (model, wanted) in [
        ("claude-sonnet-4-20250514", (3.0, 15.0)),
        ("claude-haiku-4-5-20251001", (1.0, 5.0)),
        ("claude-opus-4-20250514", (15.0, 75.0)),
        ("anthropic/claude-opus-4.5", (5.0, 25.0)),
        ("claude-opus-4-5-20251101", (5.0, 25.0)),
        ("claude-3-5-haiku-latest", (0.8, 4.0)),
        ("gpt-4o", (2.5, 10.0)),
        ("gpt-4o-2024-05-13", (5.0, 15.0)),
        ("GPT-4o-Mini", (0.15, 0.6)),
        ("azure/gpt-4o-mini-2024-07-18", (0.165, 0.66)),
        ("gpt-4", (30.0, 60.0)),
        ("gpt-5", (1.25, 10.0)),
        ("gpt-5-2025-08-07", (1.25, 10.0)),
        ("gpt-5-mini", (0.25, 2.0)),
        ("o3-mini", (1.1, 4.4)),
        ("o3-deep-research", (10.0, 40.0)),
        ("gpt-4o-realtime-preview", (5.0, 20.0)),
        ("gpt-3.5-turbo-16k", (3.0, 4.0)),
        ("gemini-2.5-flash-lite", (0.1, 0.4)),
        ("models/gemini-2.5-pro", (1.25, 10.0)),
        ("anthropic/claude-sonnet-4", (3.0, 15.0)),
        ("us.anthropic.claude-3-5-sonnet-20241022-v2:0", (3.0, 15.0)),
        ("us.anthropic.claude-sonnet-4-20250514-v1:0", (3.0, 15.0)),
        ("deepseek/deepseek-chat", (0.28, 0.42)),
        ("mistral-large-latest", (2.0, 6.0)),
        ("ollama/llama3.1", (0.0, 0.0)),
    ] {
        assert_eq!(price(model), Some(wanted), "{model}");
    }
}

#[test]
fn a_model_without_a_row_is_unknown_and_never_its_relative() {
    for model in [
        "",
        "my-own-model",
        "gpt",
        "claude",
        "gpt-4x",
        "gpt-5.9",
        "gpt-5.2-mini",
        "deepseek/deepseek-r1:free",
        "deepseek-r1-distill-llama-70b",
        "ollama/llama3.1:8b",
        "claude-sonnet-4-mini",
        "azure/my-deployment",
    ] {
        assert_eq!(price(model), None, "{model}");
    }
}

#[test]
fn every_row_is_sound_and_says_where_it_comes_from() {
    let rows = parse(include_str!("../table.csv")).expect("the committed table");
    assert!(rows.len() > 3_000, "{}", rows.len());
    for (name, row) in &rows {
        assert!(row.rates.figures().all(|figure| figure.is_finite() && figure >= 0.0), "{name}");
        assert!(matches!(row.source.name.as_str(), "genai-prices" | "litellm"), "{name}");
        assert!(!row.source.version.is_empty() && row.source.as_of.len() == 10, "{name}");
        if name.ends_with(":free") {
            assert_eq!((row.rates.input_per_million, row.rates.output_per_million), (0.0, 0.0), "{name}");
        }
    }
}

#[test]
fn a_damaged_table_names_its_line() {
    let good = include_str!("../table.csv").lines().take(4).collect::<Vec<_>>().join("\n");
    assert!(parse(&good).is_ok());
    for (line, wrong) in [("x,g,1,a,,,,,,,,,,,", "number"), ("x,q,1,2,,,,,,,,,,,", "source"), ("x,g,1", "missing")] {
        let error = parse(&format!("{good}\n{line}")).expect_err(line);
        assert!(error.line == 5 && error.what.contains(wrong), "{error}");
    }
    assert!(parse("").is_err());
}
