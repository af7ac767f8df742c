//! Flags that say how tokens are chosen where a request does not.

use clap::Args;

/// How tokens are chosen where a request does not say. What is not given is the file's, or built in.
#[derive(Clone, Debug, Default, PartialEq, Args)]
#[command(next_help_heading = "Sampling")]
pub struct SamplingArgs {
    /// 0 is greedy. [default: the file's, else 0.8]
    #[arg(long, visible_alias = "temp", env = "GOLLUM_TEMPERATURE", value_parser = temperature, allow_negative_numbers = true, value_name = "T")]
    pub temperature: Option<f32>,
    /// Keep the k likeliest tokens; 0 keeps all. [default: the file's, else 40]
    #[arg(long, env = "GOLLUM_TOP_K", value_parser = top_k, allow_negative_numbers = true, value_name = "K")]
    pub top_k: Option<u32>,
    /// Keep the likeliest tokens up to this sum of probabilities; 1 keeps all. [default: the file's, else 0.95]
    #[arg(long, env = "GOLLUM_TOP_P", value_parser = top_p, value_name = "P")]
    pub top_p: Option<f32>,
    /// Drop tokens less likely than this fraction of the likeliest. [default: the file's, else 0.05]
    #[arg(long, env = "GOLLUM_MIN_P", value_parser = min_p, value_name = "P")]
    pub min_p: Option<f32>,
    /// Divides the scores of tokens that were there already; 1 is off. [default: the file's, else 1]
    #[arg(long, visible_alias = "repeat-penalty", env = "GOLLUM_REPETITION_PENALTY", value_parser = repetition, value_name = "X")]
    pub repetition_penalty: Option<f32>,
    /// Taken once from the scores of generated tokens. [default: 0]
    #[arg(long, env = "GOLLUM_PRESENCE_PENALTY", value_parser = penalty, allow_negative_numbers = true, value_name = "X")]
    pub presence_penalty: Option<f32>,
    /// Taken from the scores of generated tokens, each time. [default: 0]
    #[arg(long, env = "GOLLUM_FREQUENCY_PENALTY", value_parser = penalty, allow_negative_numbers = true, value_name = "X")]
    pub frequency_penalty: Option<f32>,
}

/// The ranges are those of requests.
fn within(text: &str, low: f32, high: f32) -> Result<f32, String> {
    let value: f32 = text.trim().parse().map_err(|_| format!("`{text}` is not a number"))?;
    if (low..=high).contains(&value) { Ok(value) } else { Err(format!("must be {low} to {high}")) }
}

fn temperature(text: &str) -> Result<f32, String> {
    within(text, 0.0, 100.0)
}

fn top_p(text: &str) -> Result<f32, String> {
    // The smallest set that reaches probability 0 is the best token alone.
    within(text, 0.0, 1.0).map(|p| p.max(f32::MIN_POSITIVE))
}

fn min_p(text: &str) -> Result<f32, String> {
    within(text, 0.0, 1.0)
}

fn repetition(text: &str) -> Result<f32, String> {
    within(text, 0.01, 100.0)
}

fn penalty(text: &str) -> Result<f32, String> {
    within(text, -2.0, 2.0)
}

/// Both peers know -1 as "all".
fn top_k(text: &str) -> Result<u32, String> {
    let value: i32 = text.trim().parse().map_err(|_| format!("`{text}` is not a whole number"))?;
    if value < -1 { Err("must be 0 or more".to_owned()) } else { Ok(value.max(0).cast_unsigned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_those_of_requests() {
        assert_eq!(temperature("0"), Ok(0.0));
        assert!(temperature("-0.1").is_err() && temperature("NaN").is_err() && temperature("warm").is_err());
        assert_eq!(top_k("-1"), Ok(0));
        assert_eq!(top_k("40"), Ok(40));
        assert!(top_k("-2").is_err() && top_k("1.5").is_err());
        assert!(top_p("0").is_ok_and(|p| p > 0.0) && top_p("1.01").is_err());
        assert!(repetition("0").is_err() && penalty("-2").is_ok() && penalty("2.1").is_err());
    }
}
