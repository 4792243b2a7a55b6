//! Usage as providers and libraries report it, and what it comes to: `golden/*.json`, whose figures were worked out by hand.

use hiveboard_prices::{OwnPrice, PriceTable, Rates, TokenKind, Usage, difference, explain, merged, parse, write};
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
        ("azure/gpt-4o-mini-2024-07-18", (0.15, 0.6)),
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
fn a_table_is_written_as_it_is_read() {
    let rows = parse(include_str!("../table.csv")).expect("the committed table");
    assert_eq!(parse(&write(&rows)).expect("what was written"), rows);
}

#[test]
fn an_update_replaces_its_own_sources_rows_and_tells_the_difference() {
    let head = include_str!("../table.csv").lines().nth(2).expect("the columns");
    let before = parse(&format!(
        "# good,1,2026-01-01\n# list,1,2026-01-01\n{head}\na,g,1,2,,,,,,,,,,,\nb,g,1,2,,,,,,,,,,,\nc,l,1,2,,,,,,,,,,,"
    ))
    .expect("a table");
    let newer =
        parse(&format!("# good,2,2026-02-01\n{head}\na,g,1,3,,,,,,,,,,,\nd,g,1,2,,,,,,,,,,,")).expect("a table");
    let after = merged(&before, &newer);
    let told = difference(&before, &after);
    assert_eq!((told.added, told.removed), (vec!["d".to_owned()], vec!["b".to_owned()]));
    let [(name, old, new)] = &told.changed[..] else { panic!("one changed: {:?}", told.changed) };
    assert_eq!((name.as_str(), old.output_per_million, new.output_per_million), ("a", 2.0, 3.0));
    assert!(after.contains_key("c"), "rows of other sources stay");
}

#[test]
fn own_prices_come_first_the_most_particular_before_others() {
    let own = |pattern: &str, input_per_million| OwnPrice {
        pattern: pattern.to_owned(),
        rates: Rates { input_per_million, output_per_million: 1.0, ..Rates::default() },
        as_of: "2026-01-01".to_owned(),
    };
    let table = PriceTable::shipped().with_own(vec![
        own("GPT-*", 7.0),
        own("my-model", 8.0),
        own("gpt-4o*", 9.0),
        own("ollama/*", 0.0),
    ]);
    let input = |model: &str| table.find(model).map(|found| (found.row.rates.input_per_million, found.is_own));
    assert_eq!(input("openai/gpt-4o-mini"), Some((9.0, true)));
    assert_eq!(input("gpt-5"), Some((7.0, true)));
    assert_eq!(input("my-model"), Some((8.0, true)));
    assert_eq!(input("ollama/llama3.1:8b"), Some((0.0, true)));
    assert_eq!(input("claude-3-haiku"), Some((0.25, false)));
}

#[test]
fn reported_before_estimated_before_unknown() {
    let table = PriceTable::shipped();
    let cost = |model: Option<&str>, tokens: (Option<u64>, Option<u64>), reported: Option<f64>| {
        let cost = table.cost(&LlmCall {
            model: model.map(Into::into),
            tokens_in: tokens.0,
            tokens_out: tokens.1,
            cost: reported.and_then(hiveboard_wire::NanoDollars::from_dollars),
            ..LlmCall::default()
        });
        (cost.amount.0, cost.source)
    };
    let sonnet = Some("claude-sonnet-4-20250514");
    assert_eq!(cost(sonnet, (Some(1500), Some(200)), Some(0.003)), (300_000_000, CostSource::Reported));
    assert_eq!(cost(sonnet, (Some(1500), Some(200)), Some(0.0)), (0, CostSource::Reported));
    assert_eq!(cost(sonnet, (Some(1500), Some(200)), None), (750_000_000, CostSource::Estimated));
    assert_eq!(cost(sonnet, (None, Some(1000)), None), (1_500_000_000, CostSource::Estimated));
    assert_eq!(cost(sonnet, (None, None), None), (0, CostSource::Unknown));
    assert_eq!(cost(None, (Some(1), Some(1)), None), (0, CostSource::Unknown));
    assert_eq!(cost(Some("mine"), (Some(1), Some(1)), None), (0, CostSource::Unknown));
    assert_eq!(cost(sonnet, (Some(1 << 53), None), None), (100_000_000_000_000_000, CostSource::Estimated));
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
