//! The samplers that llama-server has beside the usual ones, by its field names.

use gollum_core::{Dry, DynamicTemperature, Mirostat, SamplingParams, SamplingStep, Xtc};

use gollum_frontend::{MAX_BREAKER_BYTES, MAX_BREAKERS};

use super::fields::Fields;
use super::shape::Shape;
use crate::error::ApiError;
use crate::limits;

/// As given; what is `None` is the model's default, or off.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Samplers {
    typical_p: Option<f32>,
    top_n_sigma: Option<f32>,
    dry: Option<Dry>,
    /// Texts at which a repetition ends.
    pub dry_breakers: Option<Vec<String>>,
    xtc: Option<Xtc>,
    dynamic_temperature: Option<DynamicTemperature>,
    mirostat: Option<Mirostat>,
    order: Option<Vec<SamplingStep>>,
}

/// The steps by llama-server's names, long and short.
const STEPS: &[(&str, char, SamplingStep)] = &[
    ("penalties", 'e', SamplingStep::Penalties),
    ("dry", 'd', SamplingStep::Dry),
    ("top_n_sigma", 's', SamplingStep::TopNSigma),
    ("top_k", 'k', SamplingStep::TopK),
    ("typ_p", 'y', SamplingStep::TypicalP),
    ("typical_p", 'y', SamplingStep::TypicalP),
    ("top_p", 'p', SamplingStep::TopP),
    ("min_p", 'm', SamplingStep::MinP),
    ("xtc", 'x', SamplingStep::Xtc),
    ("temperature", 't', SamplingStep::Temperature),
];

/// Names in `samplers` at most.
const MAX_STEPS: usize = 32;

impl Samplers {
    /// Takes the fields. Names in `samplers` that we do not have are told as ignored.
    ///
    /// Errors: 400 naming the field.
    pub fn read(fields: &mut Fields<'_>, ignored: &mut Vec<String>) -> Result<Self, ApiError> {
        let (dry, dry_breakers) = dry(fields)?;
        Ok(Self {
            typical_p: fields.number_f32("typical_p", 0.0..=1.0)?.map(|p| p.max(f32::MIN_POSITIVE)),
            top_n_sigma: fields.number_f32("top_n_sigma", -1e6..=1e6)?.map(|n| n.max(0.0)),
            dry,
            dry_breakers,
            xtc: xtc(fields)?,
            dynamic_temperature: dynamic_temperature(fields)?,
            mirostat: mirostat(fields)?,
            order: order(fields, ignored)?,
        })
    }

    /// Puts them over the model's defaults.
    pub fn over(&self, params: &mut SamplingParams) {
        params.typical_p = self.typical_p.unwrap_or(params.typical_p);
        params.top_n_sigma = self.top_n_sigma.unwrap_or(params.top_n_sigma);
        params.dry = self.dry.clone().or(params.dry.take());
        params.xtc = self.xtc.or(params.xtc);
        params.dynamic_temperature = self.dynamic_temperature.or(params.dynamic_temperature);
        params.mirostat = self.mirostat.or(params.mirostat);
        if let Some(order) = &self.order {
            params.order = Some(order.as_slice().into());
            if !order.contains(&SamplingStep::Temperature) {
                params.temperature = 1.0;
            }
        }
    }
}

fn dry(fields: &mut Fields<'_>) -> Result<(Option<Dry>, Option<Vec<String>>), ApiError> {
    let multiplier = fields.number_f32("dry_multiplier", 0.0..=1000.0)?.unwrap_or(0.0);
    let base = fields.number_f32("dry_base", 0.0..=1000.0)?.filter(|&base| base >= 1.0);
    let allowed_length = fields.integer("dry_allowed_length", 0..=limits::MAX_TOKENS)?.unwrap_or(2);
    let last_n = fields.integer("dry_penalty_last_n", -1..=limits::MAX_TOKENS)?.unwrap_or(-1);
    let breakers = fields.strings("dry_sequence_breakers", MAX_BREAKERS, 1..=MAX_BREAKER_BYTES)?;
    let dry = Dry {
        multiplier,
        base: base.unwrap_or(1.75),
        allowed_length: usize::try_from(allowed_length.max(1)).unwrap_or(1),
        last_n: usize::try_from(last_n).ok(),
        breakers: [].into(),
    };
    Ok(((multiplier > 0.0).then_some(dry), breakers))
}

fn xtc(fields: &mut Fields<'_>) -> Result<Option<Xtc>, ApiError> {
    let probability = fields.number_f32("xtc_probability", 0.0..=1.0)?.unwrap_or(0.0);
    let threshold = fields.number_f32("xtc_threshold", 0.0..=1.0)?.unwrap_or(0.1);
    Ok((probability > 0.0 && threshold <= 0.5).then_some(Xtc { probability, threshold }))
}

fn dynamic_temperature(fields: &mut Fields<'_>) -> Result<Option<DynamicTemperature>, ApiError> {
    let range = fields.number_f32("dynatemp_range", 0.0..=100.0)?.unwrap_or(0.0);
    let exponent = fields.number_f32("dynatemp_exponent", 0.0..=100.0)?.unwrap_or(1.0);
    let exponent = exponent.max(f32::MIN_POSITIVE);
    Ok((range > 0.0).then_some(DynamicTemperature { range, exponent }))
}

fn mirostat(fields: &mut Fields<'_>) -> Result<Option<Mirostat>, ApiError> {
    let version = fields.integer("mirostat", 0..=2)?.unwrap_or(0);
    let tau = fields.number_f32("mirostat_tau", 0.0..=100.0)?.unwrap_or(5.0);
    let eta = fields.number_f32("mirostat_eta", 0.0..=1.0)?.unwrap_or(0.1);
    Ok((version > 0).then_some(Mirostat { is_second: version == 2, tau, eta }))
}

/// A list of names, or a string of letters.
fn order(fields: &mut Fields<'_>, ignored: &mut Vec<String>) -> Result<Option<Vec<SamplingStep>>, ApiError> {
    let shapes = [Shape::TEXT, Shape::list(MAX_STEPS, Shape::TEXT)];
    let Some(raw) = fields.take("samplers", &shapes) else { return Ok(None) };
    let names: Vec<String> = if raw.get().starts_with('"') {
        let letters: String = fields.read("samplers", raw, "a list of names")?;
        letters.chars().take(MAX_STEPS).map(String::from).collect()
    } else {
        let items = fields.list_of("samplers", raw, MAX_STEPS)?;
        let name = |item| fields.read("samplers", item, "a list of names");
        items.into_iter().map(name).collect::<Result<_, _>>()?
    };
    let mut steps = Vec::new();
    for name in names {
        let known = STEPS.iter().find(|(long, short, _)| *long == name || name == short.to_string());
        match known {
            Some(&(_, _, step)) if !steps.contains(&step) => steps.push(step),
            Some(_) => {}
            None => ignored.push(fields.path(&format!("samplers.{name}"))),
        }
    }
    Ok(Some(steps))
}
