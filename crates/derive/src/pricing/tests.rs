use super::*;

fn price(model: &str) -> Option<(f64, f64)> {
    PriceTable::shipped().price(model).map(|price| (price.input_per_million, price.output_per_million))
}

#[test]
fn models_match_by_the_longest_pattern() {
    for (model, wanted) in [
        ("claude-sonnet-4-20250514", (3.0, 15.0)),
        ("claude-haiku-4-5-20251001", (1.0, 5.0)),
        ("claude-opus-4-20250514", (15.0, 75.0)),
        ("anthropic/claude-opus-4.5", (5.0, 25.0)),
        ("claude-opus-4-5-20251101", (5.0, 25.0)),
        ("claude-3-5-haiku-latest", (0.8, 4.0)),
        ("gpt-4o", (2.5, 10.0)),
        ("gpt-4o-mini-2024-07-18", (0.15, 0.6)),
        ("GPT-4o-Mini", (0.15, 0.6)),
        ("gpt-4", (30.0, 60.0)),
        ("gpt-4-0613", (30.0, 60.0)),
        ("gpt-4-turbo-2024-04-09", (10.0, 30.0)),
        ("gpt-5", (1.25, 10.0)),
        ("gpt-5-2025-08-07", (1.25, 10.0)),
        ("gpt-5-mini", (0.25, 2.0)),
        ("o3-mini", (1.1, 4.4)),
        ("gemini-2.5-flash-lite", (0.1, 0.4)),
        ("models/gemini-2.5-pro", (1.25, 10.0)),
        ("anthropic/claude-sonnet-4", (3.0, 15.0)),
        ("us.anthropic.claude-3-5-sonnet-20241022-v2:0", (3.0, 15.0)),
        ("meta-llama/llama-3.3-70b-instruct", (0.59, 0.79)),
        ("deepseek/deepseek-chat", (0.28, 0.42)),
        ("mistral-large-latest", (2.0, 6.0)),
    ] {
        assert_eq!(price(model), Some(wanted), "{model}");
    }
    for unknown in ["", "my-own-model", "gpt", "claude", "gpt-4x", "claude-opus-4-9", "gpt-5.9"] {
        assert_eq!(price(unknown), None, "{unknown}");
    }
}

#[test]
fn every_shipped_pattern_is_found_by_its_own_name() {
    let table = PriceTable::shipped();
    for given in table.shipped_prices() {
        let model = given.pattern.replace('*', "-x");
        assert!(table.price(&model).is_some(), "{model}");
        assert_eq!(given.pattern, given.pattern.to_lowercase());
        assert!(given.input_per_million > 0.0 && given.output_per_million >= 0.0, "{}", given.pattern);
    }
}

#[test]
fn own_prices_come_first() {
    let own = |pattern: &str, input_per_million| Price {
        pattern: pattern.to_owned(),
        input_per_million,
        output_per_million: 1.0,
        provider: None,
    };
    let table =
        PriceTable::shipped().with_overrides(vec![own("GPT-*", 7.0), own("my-model", 8.0), own("gpt-4o*", 9.0)]);
    let input = |model: &str| table.price(model).map(|price| price.input_per_million);
    assert_eq!(input("gpt-4o-mini"), Some(9.0));
    assert_eq!(input("gpt-5"), Some(7.0));
    assert_eq!(input("my-model"), Some(8.0));
    assert_eq!(input("claude-3-haiku"), Some(0.25));
}

fn call(model: Option<&str>, tokens: (Option<u64>, Option<u64>), cost: Option<f64>) -> LlmCall {
    LlmCall {
        model: model.map(Into::into),
        tokens_in: tokens.0,
        tokens_out: tokens.1,
        cost: cost.and_then(NanoDollars::from_dollars),
        ..LlmCall::default()
    }
}

#[test]
fn reported_before_estimated_before_unknown() {
    let table = PriceTable::shipped();
    let cost = |call: LlmCall| {
        let cost = table.cost(&call);
        (cost.amount.0, cost.source)
    };
    let sonnet = Some("claude-sonnet-4-20250514");
    assert_eq!(cost(call(sonnet, (Some(1500), Some(200)), Some(0.003))), (3_000_000, CostSource::Reported));
    assert_eq!(cost(call(sonnet, (Some(1500), Some(200)), Some(0.0))), (0, CostSource::Reported));
    assert_eq!(cost(call(sonnet, (Some(1500), Some(200)), None)), (7_500_000, CostSource::Estimated));
    assert_eq!(cost(call(sonnet, (None, Some(1000)), None)), (15_000_000, CostSource::Estimated));
    assert_eq!(cost(call(sonnet, (None, None), None)), (0, CostSource::Unknown));
    assert_eq!(cost(call(None, (Some(1), Some(1)), None)), (0, CostSource::Unknown));
    assert_eq!(cost(call(Some("mine"), (Some(1), Some(1)), None)), (0, CostSource::Unknown));
    let absurd = cost(call(sonnet, (Some(1 << 53), None), None));
    assert_eq!(absurd, (1_000_000_000_000_000, CostSource::Estimated));
}

#[test]
fn patterns_match_whole_names() {
    assert!(matches("a*c", "abc") && matches("a*c", "ac") && matches("*", "") && matches("a*b*c", "axbxc"));
    assert!(!matches("a*c", "abcd") && !matches("abc", "abcd") && !matches("ab*bc", "abc"));
}
