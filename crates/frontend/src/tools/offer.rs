//! What was offered to the model, for forms whose values do not say what type they have.

use serde_json::Value;

/// The tools of one request.
#[derive(Clone, Debug, Default)]
pub struct Offer {
    tools: Vec<(String, Value)>,
}

impl Offer {
    /// From tools as OpenAI spells them.
    pub fn new(tools: Option<&Value>) -> Self {
        let functions = super::functions(tools);
        Self { tools: functions.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect() }
    }

    /// The value of an argument that a model wrote as text: a string where the tool's schema asks for one, else the JSON that
    /// it is, if it is any.
    pub(super) fn value(&self, tool: &str, argument: &str, text: &str) -> Value {
        let schema = self.tools.iter().find(|(name, _)| name == tool).map(|(_, schema)| schema);
        let of_argument = schema.and_then(|schema| schema.get("properties")?.get(argument));
        if of_argument.is_some_and(takes_text) {
            return text.into();
        }
        serde_json::from_str(text.trim()).unwrap_or_else(|_| match text.trim() {
            // Some write as Python does.
            "True" => true.into(),
            "False" => false.into(),
            "None" => Value::Null,
            _ => text.into(),
        })
    }
}

/// True if a schema takes strings and nothing else.
fn takes_text(schema: &Value) -> bool {
    match (schema.get("type"), schema.get("enum")) {
        (Some(Value::String(kind)), _) => kind == "string",
        (None, Some(Value::Array(values))) => values.iter().all(Value::is_string),
        _ => false,
    }
}
