//! Settings files, changed without touching what else they say: comments, order and blanks stay.

use anyhow::{Context, bail};
use jsonc_parser::{
    ParseOptions,
    cst::{CstInputValue, CstObject, CstRootNode},
};
use serde_json::Value;
use toml_edit::{DocumentMut, Item, Table};

use super::tools::Setting;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// JSON, with comments where a tool allows them.
    Json,
    Toml,
    /// `NAME=value`, a line each.
    Variables,
}

pub(super) enum Document {
    Json(CstRootNode),
    Toml(DocumentMut),
    Variables(Vec<String>),
}

impl Document {
    pub(super) fn parse(form: Form, text: &str) -> anyhow::Result<Self> {
        Ok(match form {
            Form::Json => {
                let text = if text.trim().is_empty() { "{\n}\n" } else { text };
                let root = CstRootNode::parse(text, &ParseOptions::default()).context("it is not valid JSON")?;
                if root.object_value().is_none() {
                    bail!("it is JSON, but not an object");
                }
                Self::Json(root)
            }
            Form::Toml => Self::Toml(text.parse().context("it is not valid TOML")?),
            Form::Variables => Self::Variables(text.lines().map(str::to_owned).collect()),
        })
    }

    /// The text of a file that says just this.
    pub(super) fn fresh(form: Form, settings: &[Setting]) -> String {
        let mut document = Self::parse(form, "").expect("nothing is valid in every form");
        for setting in settings {
            document.set(&setting.path, &setting.value).expect("nothing stands in the way");
        }
        document.text()
    }

    pub(super) fn text(&self) -> String {
        match self {
            Self::Json(root) => root.to_string(),
            Self::Toml(document) => document.to_string(),
            Self::Variables(lines) => lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect(),
        }
    }

    pub(super) fn get(&self, path: &[String]) -> Option<Value> {
        let (last, above) = path.split_last()?;
        match self {
            Self::Json(root) => {
                let object = above.iter().try_fold(root.object_value()?, |at, name| at.object_value(name))?;
                object.get(last)?.value()?.to_serde_value()
            }
            Self::Toml(document) => {
                let table = above.iter().try_fold(document.as_item(), |at, name| at.get(name))?;
                from_toml(table.get(last)?)
            }
            Self::Variables(lines) => {
                lines.iter().find_map(|line| variable(line, last)).map(|value| Value::String(value.to_owned()))
            }
        }
    }

    /// # Errors
    /// When something other than a table stands where one is needed.
    pub(super) fn set(&mut self, path: &[String], value: &Value) -> anyhow::Result<()> {
        let Some((last, above)) = path.split_last() else { return Ok(()) };
        let in_the_way = |name: &str| format!("`{name}` is there already and holds no settings");
        match self {
            Self::Json(root) => {
                let mut object = root.object_value().context("it is not an object")?;
                for name in above {
                    object = object.object_value_or_create(name).with_context(|| in_the_way(name))?;
                }
                set_json(&object, last, value);
            }
            Self::Toml(document) => {
                let mut table: &mut Table = document.as_table_mut();
                for name in above {
                    let item = table.entry(name).or_insert_with(|| Item::Table(Table::new()));
                    table = item.as_table_mut().with_context(|| in_the_way(name))?;
                }
                table.insert(last, Item::Value(to_toml(value)));
            }
            Self::Variables(lines) => {
                let line = format!("{last}={}", value.as_str().unwrap_or_default());
                match lines.iter_mut().find(|line| variable(line, last).is_some()) {
                    Some(there) => *there = line,
                    None => lines.push(line),
                }
            }
        }
        Ok(())
    }

    /// Removes it, and what becomes empty by that.
    pub(super) fn remove(&mut self, path: &[String]) {
        let Some((last, above)) = path.split_last() else { return };
        match self {
            Self::Json(root) => {
                let Some(root) = root.object_value() else { return };
                let Some(object) = above.iter().try_fold(root, |at, name| at.object_value(name)) else { return };
                if let Some(property) = object.get(last) {
                    property.remove();
                }
                let is_empty = object.properties().is_empty();
                if is_empty && !above.is_empty() {
                    self.remove(above);
                }
            }
            Self::Toml(document) => {
                let table = above.iter().try_fold(document.as_item_mut(), |at, name| at.get_mut(name));
                let Some(table) = table.and_then(Item::as_table_like_mut) else { return };
                table.remove(last);
                let is_empty = table.is_empty();
                if is_empty && !above.is_empty() {
                    self.remove(above);
                }
            }
            Self::Variables(lines) => lines.retain(|line| variable(line, last).is_none()),
        }
    }

    /// Whether nothing is said any more.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Json(root) => root.object_value().is_none_or(|object| object.properties().is_empty()),
            Self::Toml(document) => document.is_empty(),
            Self::Variables(lines) => lines.iter().all(|line| line.trim().is_empty()),
        }
    }
}

fn set_json(object: &CstObject, name: &str, value: &Value) {
    match object.get(name) {
        Some(property) => property.set_value(to_json(value)),
        None => drop(object.append(name, to_json(value))),
    }
}

fn to_json(value: &Value) -> CstInputValue {
    match value {
        Value::Null => CstInputValue::Null,
        Value::Bool(truth) => CstInputValue::Bool(*truth),
        Value::Number(number) => CstInputValue::Number(number.to_string()),
        Value::String(text) => CstInputValue::String(text.clone()),
        Value::Array(list) => CstInputValue::Array(list.iter().map(to_json).collect()),
        Value::Object(map) => {
            CstInputValue::Object(map.iter().map(|(name, value)| (name.clone(), to_json(value))).collect())
        }
    }
}

fn to_toml(value: &Value) -> toml_edit::Value {
    match value {
        Value::Null => toml_edit::Value::from(""),
        Value::Bool(truth) => (*truth).into(),
        Value::Number(number) => {
            number.as_i64().map_or_else(|| number.as_f64().unwrap_or_default().into(), toml_edit::Value::from)
        }
        Value::String(text) => text.as_str().into(),
        Value::Array(list) => list.iter().map(to_toml).collect::<toml_edit::Array>().into(),
        Value::Object(map) => {
            let table: toml_edit::InlineTable =
                map.iter().map(|(name, value)| (name.as_str(), to_toml(value))).collect();
            table.into()
        }
    }
}

fn from_toml(item: &Item) -> Option<Value> {
    // Through its own text: what TOML can say beyond JSON (times) becomes text.
    let text = format!("value = {}", item.as_value()?.to_string().trim());
    let table: toml::Table = toml::from_str(&text).ok()?;
    serde_json::to_value(table.get("value")?).ok()
}

fn variable<'l>(line: &'l str, name: &str) -> Option<&'l str> {
    let line = line.trim_start();
    let line = line.strip_prefix("export ").unwrap_or(line);
    line.strip_prefix(name)?.trim_start().strip_prefix('=').map(str::trim)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn path(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn json_keeps_what_else_it_says() {
        let before = "{\n  // mine\n  \"model\": \"opus\",\n  \"env\": {\"A\": \"1\"}\n}\n";
        let mut document = Document::parse(Form::Json, before).unwrap();
        document.set(&path(&["env", "B"]), &json!("2")).unwrap();
        document.set(&path(&["telemetry", "enabled"]), &json!(true)).unwrap();
        let text = document.text();
        assert!(text.contains("// mine") && text.contains("\"A\": \"1\""), "{text}");
        assert_eq!(document.get(&path(&["env", "B"])), Some(json!("2")));
        document.remove(&path(&["env", "B"]));
        document.remove(&path(&["telemetry", "enabled"]));
        assert_eq!(document.get(&path(&["telemetry"])), None);
        let after: Value = serde_json::from_str(&document.text().replace("// mine", "")).unwrap();
        assert_eq!(after, json!({"model": "opus", "env": {"A": "1"}}));
    }

    #[test]
    fn toml_keeps_what_else_it_says() {
        let mut document =
            Document::parse(Form::Toml, "# mine\nmodel = \"o\"\n\n[otel]\nlog_user_prompt = true\n").unwrap();
        let value = json!({"otlp-http": {"endpoint": "http://h/v1/logs", "headers": {"authorization": "Bearer k"}}});
        document.set(&path(&["otel", "exporter"]), &value).unwrap();
        assert!(document.text().starts_with("# mine\nmodel = \"o\"\n"), "{}", document.text());
        assert_eq!(document.get(&path(&["otel", "exporter"])), Some(value));
        document.remove(&path(&["otel", "exporter"]));
        assert_eq!(document.text(), "# mine\nmodel = \"o\"\n\n[otel]\nlog_user_prompt = true\n");
    }

    #[test]
    fn variables_are_lines() {
        let mut document = Document::parse(Form::Variables, "# mine\nexport A = 1\n").unwrap();
        document.set(&path(&["A"]), &json!("2")).unwrap();
        document.set(&path(&["B"]), &json!("x=y")).unwrap();
        assert_eq!(document.text(), "# mine\nA=2\nB=x=y\n");
        assert_eq!(document.get(&path(&["B"])), Some(json!("x=y")));
        document.remove(&path(&["B"]));
        assert_eq!(document.text(), "# mine\nA=2\n");
    }

    #[test]
    fn a_value_in_the_way_is_told() {
        let mut document = Document::parse(Form::Json, "{\"env\": 3}").unwrap();
        let told = document.set(&path(&["env", "A"]), &json!("1")).unwrap_err().to_string();
        assert_eq!(told, "`env` is there already and holds no settings");
    }
}
