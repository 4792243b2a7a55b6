//! The table: what comes with the server, and rows of the workspace's own before it.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, LazyLock, PoisonError, RwLock},
};

use hiveboard_wire::{CallCost, CostSource, NanoDollars, body::LlmCall};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    Anchor, LongContext, Rates, Usage,
    estimate::amount,
    names::{candidates, matches},
};

/// Who keeps the figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Source {
    pub name: String,
    pub version: String,
    /// The day on which they were taken.
    pub as_of: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub rates: Rates,
    pub source: Arc<Source>,
}

/// A row of the workspace's own.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnPrice {
    /// Lower case; `*` stands for any text.
    pub pattern: String,
    pub rates: Rates,
    /// When it was set, to be shown.
    pub as_of: String,
}

/// The row that prices a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    pub pattern: String,
    pub anchor: Anchor,
    pub is_own: bool,
    pub row: Row,
}

/// By name, in lower case.
pub type Rows = BTreeMap<Box<str>, Row>;

/// Prices in order of precedence: the workspace's own, then the shipped ones. Clones share what they found.
#[derive(Debug, Clone)]
pub struct PriceTable {
    /// The most particular pattern first.
    own: Arc<[OwnPrice]>,
    shipped: Arc<Rows>,
    /// The row of a model, once looked for: a call is priced for every event, and models are few.
    found: Arc<RwLock<FoundByModel>>,
}

type FoundByModel = HashMap<Box<str>, Option<Arc<Found>>>;

/// Models remembered; of more, each is looked for anew.
const MOST_FOUND: usize = 1_000;

static SHIPPED: LazyLock<Arc<Rows>> = LazyLock::new(|| {
    Arc::new(parse(include_str!("../table.csv")).expect("the committed table is read by a test of this crate"))
});

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the price table: {what}")]
pub struct BadTable {
    pub line: usize,
    pub what: String,
}

impl PriceTable {
    /// The prices that come with the server.
    pub fn shipped() -> Self {
        Self::of(Arc::clone(&SHIPPED))
    }

    pub fn of(rows: Arc<Rows>) -> Self {
        Self { own: Arc::default(), shipped: rows, found: Arc::default() }
    }

    /// The same table with the workspace's own prices before the shipped ones; they replace earlier own prices.
    #[must_use]
    pub fn with_own(&self, mut own: Vec<OwnPrice>) -> Self {
        for price in &mut own {
            price.pattern = price.pattern.trim().to_lowercase();
        }
        let fixed = |price: &OwnPrice| price.pattern.chars().filter(|letter| *letter != '*').count();
        own.sort_by(|a, b| fixed(b).cmp(&fixed(a)).then_with(|| a.pattern.cmp(&b.pattern)));
        Self { own: own.into(), shipped: Arc::clone(&self.shipped), found: Arc::default() }
    }

    pub fn own(&self) -> &[OwnPrice] {
        &self.own
    }

    /// The rows that are not the workspace's own.
    pub fn shared(&self) -> &Arc<Rows> {
        &self.shipped
    }

    pub fn rows(&self) -> impl Iterator<Item = (&str, &Row)> {
        self.shipped.iter().map(|(name, row)| (&**name, row))
    }

    /// The row of a model, as it names itself.
    pub fn find(&self, model: &str) -> Option<Arc<Found>> {
        if let Some(known) = self.found.read().unwrap_or_else(PoisonError::into_inner).get(model) {
            return known.clone();
        }
        let found = self.look_for(model).map(Arc::new);
        let mut all = self.found.write().unwrap_or_else(PoisonError::into_inner);
        if all.len() < MOST_FOUND {
            all.insert(model.into(), found.clone());
        }
        found
    }

    fn look_for(&self, model: &str) -> Option<Found> {
        let names = candidates(model);
        for own in &*self.own {
            if let Some((_, anchor)) = names.iter().find(|(name, _)| matches(&own.pattern, name)) {
                let source = Source { name: "workspace".to_owned(), version: String::new(), as_of: own.as_of.clone() };
                let row = Row { rates: own.rates, source: Arc::new(source) };
                return Some(Found { pattern: own.pattern.clone(), anchor: *anchor, is_own: true, row });
            }
        }
        names.into_iter().find_map(|(name, anchor)| {
            let row = self.shipped.get(name.as_str())?.clone();
            Some(Found { pattern: name, anchor, is_own: false, row })
        })
    }

    /// What a call cost: as reported; else estimated where model and tokens are known; else unknown.
    pub fn cost(&self, call: &LlmCall) -> CallCost {
        const UNKNOWN: CallCost = CallCost { amount: NanoDollars(0), source: CostSource::Unknown };
        if let Some(amount) = call.cost {
            return CallCost { amount, source: CostSource::Reported };
        }
        let usage = Usage::of(call.tokens_in, call.tokens_out, call.metadata.as_deref());
        if call.tokens_in.is_none() && call.tokens_out.is_none() && usage.is_none() {
            return UNKNOWN;
        }
        let Some(found) = call.model.as_deref().and_then(|model| self.find(model)) else { return UNKNOWN };
        CallCost { amount: amount(&found.row.rates, &usage), source: CostSource::Estimated }
    }
}

/// Reads a table as `scripts/prices.py` writes it.
pub fn parse(text: &str) -> Result<Rows, BadTable> {
    let mut sources: HashMap<&str, Arc<Source>> = HashMap::new();
    let mut rows = Rows::new();
    let mut has_head = false;
    for (place, line) in text.lines().enumerate() {
        let bad = |what: &str| BadTable { line: place + 1, what: what.to_owned() };
        if let Some(source) = line.strip_prefix("# ") {
            let mut parts = source.split(',');
            let mut part = || parts.next().filter(|part| !part.is_empty());
            let (Some(name), Some(version), Some(as_of)) = (part(), part(), part()) else {
                return Err(bad("a source is name, version and date"));
            };
            let source = Source { name: name.to_owned(), version: version.to_owned(), as_of: as_of.to_owned() };
            let short = name.get(..1).ok_or_else(|| bad("a source's name begins with a letter"))?;
            sources.insert(short, Arc::new(source));
            continue;
        }
        if !has_head {
            if line != HEAD {
                return Err(bad("the columns are not those that this version reads"));
            }
            has_head = true;
            continue;
        }
        let mut parts = line.split(',');
        let name = parts.next().unwrap_or_default();
        let short = parts.next().unwrap_or_default();
        let source = sources.get(short).ok_or_else(|| bad("it names a source that the table does not"))?;
        let mut figures = [None; FIGURES];
        for figure in &mut figures {
            let written = parts.next().ok_or_else(|| bad("a column is missing"))?;
            if !written.is_empty() {
                let number: f64 = written.parse().map_err(|_| bad("a figure is not a number"))?;
                if !(0.0..=1e9).contains(&number) {
                    return Err(bad("a figure is negative or absurd"));
                }
                *figure = Some(number);
            }
        }
        if name.is_empty() || name != name.to_lowercase() || parts.next().is_some() {
            return Err(bad("a name is empty or not in lower case, or there is a column too many"));
        }
        let rates = rates_of(&figures).ok_or_else(|| bad("input and output must be given"))?;
        if rows.insert(name.into(), Row { rates, source: Arc::clone(source) }).is_some() {
            return Err(bad("the name stands there twice"));
        }
    }
    if has_head { Ok(rows) } else { Err(BadTable { line: 1, what: "it has no rows".to_owned() }) }
}

const HEAD: &str = "name,source,input,output,cached_input,cache_write_5m,cache_write_1h,reasoning,audio_input,audio_output,above_tokens,input_above,output_above,cached_input_above,cache_write_5m_above";
const FIGURES: usize = 13;

fn rates_of(figures: &[Option<f64>; FIGURES]) -> Option<Rates> {
    let [
        input,
        output,
        cached,
        short_write,
        hour_write,
        reasoning,
        audio_in,
        audio_out,
        above,
        input_above,
        output_above,
        cached_above,
        write_above,
    ] = *figures;
    let (input, output) = (input?, output?);
    let long_context = above.zip(input_above.or(output_above)).map(|(above, _)| LongContext {
        above_tokens: above as u64,
        input_per_million: input_above.unwrap_or(input),
        output_per_million: output_above.unwrap_or(output),
        cached_input_per_million: cached_above,
        cache_write_5m_per_million: write_above,
    });
    Some(Rates {
        input_per_million: input,
        output_per_million: output,
        cached_input_per_million: cached,
        cache_write_5m_per_million: short_write,
        cache_write_1h_per_million: hour_write,
        reasoning_per_million: reasoning,
        audio_input_per_million: audio_in,
        audio_output_per_million: audio_out,
        long_context,
    })
}

/// The text that [`parse`] reads.
pub fn write(rows: &Rows) -> String {
    let sources: BTreeMap<&str, &Source> = rows.values().map(|row| (row.source.name.as_str(), &*row.source)).collect();
    let mut text = String::new();
    for source in sources.values() {
        text.extend(["# ", &source.name, ",", &source.version, ",", &source.as_of, "\n"]);
    }
    text.push_str(HEAD);
    text.push('\n');
    for (name, Row { rates, source }) in rows {
        let long = rates.long_context;
        let figures: [Option<f64>; FIGURES] = [
            Some(rates.input_per_million),
            Some(rates.output_per_million),
            rates.cached_input_per_million,
            rates.cache_write_5m_per_million,
            rates.cache_write_1h_per_million,
            rates.reasoning_per_million,
            rates.audio_input_per_million,
            rates.audio_output_per_million,
            long.map(|long| long.above_tokens as f64),
            long.map(|long| long.input_per_million),
            long.map(|long| long.output_per_million),
            long.and_then(|long| long.cached_input_per_million),
            long.and_then(|long| long.cache_write_5m_per_million),
        ];
        text.push_str(name);
        text.push(',');
        text.extend(source.name.chars().take(1));
        for figure in figures {
            text.push(',');
            if let Some(figure) = figure {
                text.push_str(&figure.to_string());
            }
        }
        text.push('\n');
    }
    text
}

/// `before` with the rows of those sources replaced that `newer` has; rows of other sources stay.
pub fn merged(before: &Rows, newer: &Rows) -> Rows {
    let sources: std::collections::BTreeSet<&str> = newer.values().map(|row| row.source.name.as_str()).collect();
    let mut rows: Rows = before
        .iter()
        .filter(|(_, row)| !sources.contains(row.source.name.as_str()))
        .map(|(name, row)| (name.clone(), row.clone()))
        .collect();
    rows.extend(newer.iter().map(|(name, row)| (name.clone(), row.clone())));
    rows
}

/// What another table would change.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Difference {
    pub added: Vec<String>,
    pub removed: Vec<String>,
    /// Name, rates before and after.
    pub changed: Vec<(String, Rates, Rates)>,
}

pub fn difference(before: &Rows, after: &Rows) -> Difference {
    let mut difference = Difference::default();
    for (name, row) in after {
        match before.get(name) {
            None => difference.added.push(name.to_string()),
            Some(old) if old.rates != row.rates => {
                difference.changed.push((name.to_string(), old.rates, row.rates));
            }
            Some(_) => {}
        }
    }
    difference.removed = before.keys().filter(|name| !after.contains_key(*name)).map(ToString::to_string).collect();
    difference
}
