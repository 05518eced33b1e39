//! What a load tool says of the requests that it has sent. The tool is `hey`: nothing of ours sends the requests or counts them.

/// What came of a load.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Requests that were answered with a success.
    pub good: u64,
    /// Requests that were answered with anything else, and those that were not answered: what was said, how often.
    pub failures: Vec<(String, u64)>,
    /// How many were sent in a second.
    pub rate: f64,
    /// 99 % of the answers took no longer, in milliseconds.
    pub p99_ms: f64,
}

/// A summary that is none of `hey`'s.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// What is not there.
    pub lacks: &'static str,
    /// All that was said.
    pub summary: String,
}

impl Report {
    /// All requests.
    #[must_use]
    pub fn sent(&self) -> u64 {
        self.good + self.failed()
    }

    /// Those that failed.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.failures.iter().map(|(_, count)| count).sum()
    }

    /// What came of both. Each half of the answers has its own 99 %: the larger one holds for all.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.good += other.good;
        for (what, count) in other.failures {
            match self.failures.iter_mut().find(|(known, _)| *known == what) {
                Some((_, known)) => *known += count,
                None => self.failures.push((what, count)),
            }
        }
        self.rate += other.rate;
        self.p99_ms = self.p99_ms.max(other.p99_ms);
        self
    }

    /// Reads what `hey` prints at its end.
    ///
    /// # Errors
    /// When it is not that.
    pub fn read(summary: &str) -> Result<Self, Unreadable> {
        let lacks = |lacks| Unreadable {
            lacks,
            summary: summary.to_owned(),
        };
        let lines = || summary.lines().map(str::trim);
        let rate = lines().find_map(|line| line.strip_prefix("Requests/sec:")?.trim().parse().ok());
        let p99 = lines().find_map(|line| {
            let seconds = line.strip_prefix("99% in ")?.strip_suffix(" secs")?;
            seconds.parse::<f64>().ok()
        });
        let (mut good, mut failures) = (0, Vec::new());
        for (what, count) in section(summary, "Status code distribution:").filter_map(status) {
            match what {
                200..=299 => good += count,
                other => failures.push((other.to_string(), count)),
            }
        }
        failures.extend(section(summary, "Error distribution:").filter_map(error));
        // Without one answer there is no distribution of them.
        let p99 = match good + failures.len() as u64 {
            0 => return Err(lacks("any request")),
            _ => p99.unwrap_or(f64::INFINITY),
        };
        Ok(Self {
            good,
            failures,
            rate: rate.ok_or_else(|| lacks("Requests/sec"))?,
            p99_ms: p99 * 1_000.0,
        })
    }
}

/// The lines below a heading.
fn section<'a>(summary: &'a str, heading: &str) -> impl Iterator<Item = &'a str> {
    let below = summary
        .lines()
        .skip_while(move |line| line.trim() != heading);
    let own = below.skip(1).map(str::trim);
    own.take_while(|line| line.starts_with('['))
}

/// `[200] 2000 responses`
fn status(line: &str) -> Option<(u16, u64)> {
    let (code, rest) = line.strip_prefix('[')?.split_once(']')?;
    let count = rest.trim().strip_suffix(" responses")?;
    Some((code.parse().ok()?, count.parse().ok()?))
}

/// `[3] Get "http://…": EOF`
fn error(line: &str) -> Option<(String, u64)> {
    let (count, what) = line.strip_prefix('[')?.split_once(']')?;
    Some((what.trim().to_owned(), count.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `hey` 0.1.4 prints it, shortened.
    const SUMMARY: &str = "
Summary:
  Total:\t5.0012 secs
  Slowest:\t0.0300 secs
  Requests/sec:\t199.9500

Latency distribution:
  50% in 0.0011 secs
  99% in 0.0125 secs

Details (average, fastest, slowest):
  DNS-lookup:\t0.0000 secs, 0.0000 secs, 0.0000 secs

Status code distribution:
  [200]\t990 responses
  [201]\t5 responses
  [502]\t3 responses

Error distribution:
  [2]\tGet \"http://127.0.0.1:1/\": EOF

";

    #[test]
    fn what_hey_says_is_read() {
        let report = Report::read(SUMMARY).unwrap();
        assert_eq!(
            (report.sent(), report.good, report.failed()),
            (1_000, 995, 5)
        );
        let eof = "Get \"http://127.0.0.1:1/\": EOF";
        assert_eq!(
            report.failures,
            [("502".to_owned(), 3), (eof.to_owned(), 2)]
        );
        assert_eq!((report.rate, report.p99_ms), (199.95, 12.5));
    }

    #[test]
    fn two_loads_are_one() {
        let one = Report::read(SUMMARY).unwrap();
        let other = SUMMARY.replace("502", "504").replace("0.0125", "0.0200");
        let both = one.and(Report::read(&other).unwrap());
        assert_eq!((both.sent(), both.failed()), (2_000, 10));
        let eof = "Get \"http://127.0.0.1:1/\": EOF".to_owned();
        let failures = [("502".to_owned(), 3), (eof, 4), ("504".to_owned(), 3)];
        assert_eq!(both.failures, failures);
        assert_eq!((both.rate, both.p99_ms), (399.9, 20.0));
    }

    #[test]
    fn what_hey_does_not_say_is_told() {
        let none = SUMMARY
            .replace("responses", "replies")
            .replace("  [2]\tGet", "Get");
        assert_eq!(Report::read(&none).unwrap_err().lacks, "any request");
        let cut = SUMMARY.replace("Requests/sec", "x");
        assert_eq!(Report::read(&cut).unwrap_err().lacks, "Requests/sec");
        assert_eq!(Report::read("").unwrap_err().lacks, "any request");
    }
}
