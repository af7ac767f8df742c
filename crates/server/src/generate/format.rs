//! The form that an answer is asked to have.

use super::fields::Fields;
use crate::error::ApiError;
use crate::limits;

/// Text is the one format there is.
pub fn response_format(fields: &mut Fields<'_>) -> Result<(), ApiError> {
    let Some(mut format) = fields.object("response_format")? else { return modalities(fields) };
    match format.string("type", limits::MAX_NAME_BYTES)?.as_deref() {
        Some("text") => modalities(fields),
        Some("json_object" | "json_schema" | "structural_tag") => {
            Err(ApiError::unsupported("response_format"))
        }
        Some(_) => Err(format.invalid("type", "must be text")),
        None => Err(format.missing("type")),
    }
}

fn modalities(fields: &mut Fields<'_>) -> Result<(), ApiError> {
    for item in fields.list("modalities", limits::MAX_STOP)?.unwrap_or_default() {
        if fields.read::<String>("modalities", item, "a list of strings")? != "text" {
            return Err(ApiError::unsupported(fields.path("modalities")));
        }
    }
    Ok(())
}
