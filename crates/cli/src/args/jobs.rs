//! The words of `backstay run` and `backstay logs`.

use std::time::Duration;

use clap::Args;

use super::{Speed, parse_speed};

/// Options of `run`.
#[derive(Debug, Args)]
pub struct Run {
    /// The environment.
    pub environment: String,
    /// The job, as backstay.toml calls it.
    pub job: String,
    /// Virtual seconds per second on the simulated cloud, or `max`.
    #[arg(long, value_name = "N|max", default_value = "40", value_parser = parse_speed)]
    pub speed: Speed,
    /// Start it, say which task it is, and leave.
    #[arg(long)]
    pub detach: bool,
    /// The command that is run instead of the job's own.
    #[arg(last = true, value_name = "COMMAND")]
    pub command: Vec<String>,
}

/// Options of `logs`.
#[derive(Debug, Args)]
pub struct Logs {
    /// The environment.
    pub environment: String,
    /// A service, a job, or `migration`; several, or all services when left out.
    #[arg(value_name = "SERVICE")]
    pub parts: Vec<String>,
    /// How far back it begins, for example `90s`, `15m`, `2h` or `1d`.
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = parse_since)]
    pub since: Duration,
    /// Go on until Ctrl-C.
    #[arg(long, short)]
    pub follow: bool,
}

fn parse_since(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is no time: write for example 90s, 15m, 2h or 1d");
    let unit = text.chars().last().ok_or_else(wrong)?;
    let seconds: u64 = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(wrong()),
    };
    let number = &text[..text.len() - unit.len_utf8()];
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let all = number
        .checked_mul(seconds)
        .filter(|all| *all <= 366 * 86_400);
    all.map(Duration::from_secs).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::parse_since;

    #[test]
    fn times() {
        let seconds = |text| parse_since(text).map(|since| since.as_secs());
        assert_eq!(seconds("90s"), Ok(90));
        assert_eq!(seconds("15m"), Ok(900));
        assert_eq!(seconds("2h"), Ok(7_200));
        assert_eq!(seconds("1d"), Ok(86_400));
        for wrong in ["", "10", "m", "-1m", "1w", "99999999999d", "1é", "400d"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }
}
