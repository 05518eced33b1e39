//! Types of columns, as far as changing one rewrites a table.

use std::fmt;

/// A type as PostgreSQL calls it, with its modifiers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    base: String,
    numbers: Vec<u64>,
}

/// What changing a type does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Conversion {
    /// Only the catalog changes, and everything that fitted fits.
    Widens,
    /// Every row is written again.
    Rewrites,
    /// What it was is not known.
    Unknown,
}

/// Other names of the same type.
const ALIASES: [(&str, &str); 18] = [
    ("character varying", "varchar"),
    ("char varying", "varchar"),
    ("character", "char"),
    ("int", "integer"),
    ("int4", "integer"),
    ("int8", "bigint"),
    ("int2", "smallint"),
    ("decimal", "numeric"),
    ("dec", "numeric"),
    ("timestamp without time zone", "timestamp"),
    ("timestamp with time zone", "timestamptz"),
    ("time without time zone", "time"),
    ("time with time zone", "timetz"),
    ("bool", "boolean"),
    ("float8", "double precision"),
    ("float4", "real"),
    ("bit varying", "varbit"),
    ("string", "text"),
];

impl Kind {
    /// Reads a type as SQL writes it.
    pub(crate) fn parse(text: &str) -> Self {
        let lower = text.to_ascii_lowercase();
        let (before, numbers, after) = match (lower.find('('), lower.rfind(')')) {
            (Some(open), Some(close)) if open < close => {
                let inside = lower.get(open + 1..close).unwrap_or_default();
                let numbers: Option<Vec<u64>> =
                    inside.split(',').map(|n| n.trim().parse().ok()).collect();
                match numbers {
                    Some(numbers) => (
                        lower.get(..open).unwrap_or_default(),
                        numbers,
                        lower.get(close + 1..).unwrap_or_default(),
                    ),
                    // `geometry(Point, 4326)`, `numeric(5, -2)`: what they say is part of the type.
                    None => (lower.as_str(), Vec::new(), ""),
                }
            }
            _ => (lower.as_str(), Vec::new(), ""),
        };
        let words: Vec<&str> = before
            .split_whitespace()
            .chain(after.split_whitespace())
            .collect();
        let base = words.join(" ");
        let alias = ALIASES.iter().find(|(name, _)| *name == base);
        Self {
            base: alias.map_or(base, |(_, name)| (*name).to_owned()),
            numbers,
        }
    }

    /// Whether a column of it takes its values from a sequence.
    pub(crate) fn is_serial(&self) -> bool {
        matches!(
            self.base.as_str(),
            "serial" | "bigserial" | "smallserial" | "serial4" | "serial8" | "serial2"
        )
    }

    /// Whether it is one of PostgreSQL's own: a type of the team's may be a domain with constraints.
    pub(crate) fn is_builtin(&self) -> bool {
        const BUILTIN: [&str; 38] = [
            "varchar",
            "char",
            "text",
            "integer",
            "bigint",
            "smallint",
            "numeric",
            "timestamp",
            "timestamptz",
            "time",
            "timetz",
            "date",
            "interval",
            "boolean",
            "double precision",
            "real",
            "float",
            "uuid",
            "json",
            "jsonb",
            "bytea",
            "inet",
            "cidr",
            "macaddr",
            "bit",
            "varbit",
            "xml",
            "money",
            "tsvector",
            "tsquery",
            "point",
            "citext",
            "hstore",
            "oid",
            "int4range",
            "int8range",
            "tstzrange",
            "daterange",
        ];
        BUILTIN.contains(&self.base.trim_end_matches("[]")) || self.is_serial()
    }

    /// What changing a column from one type to another does, when nothing but the type changes.
    pub(crate) fn conversion(from: Option<&Self>, to: &Self) -> Conversion {
        let Some(from) = from else {
            return Conversion::Unknown;
        };
        let widens = match (from.base.as_str(), to.base.as_str()) {
            _ if from == to => true,
            ("varchar", "text") | ("cidr", "inet") => true,
            ("text", "varchar") => to.numbers.is_empty(),
            ("numeric", "numeric") => match (from.numbers.as_slice(), to.numbers.as_slice()) {
                (_, []) => true,
                ([], _) => false,
                (from, to) => {
                    from.get(1).unwrap_or(&0) == to.get(1).unwrap_or(&0) && from[0] <= to[0]
                }
            },
            ("varchar", "varchar") | ("varbit", "varbit") => fits(&from.numbers, &to.numbers),
            ("timestamp", "timestamp") | ("timestamptz", "timestamptz") | ("time", "time") => {
                fits(&from.numbers, &to.numbers)
            }
            _ => false,
        };
        match widens {
            true => Conversion::Widens,
            false => Conversion::Rewrites,
        }
    }

    /// Whether every value of one type is a value of the other, where it is written again.
    pub(crate) fn holds(from: &Self, to: &Self) -> bool {
        let size = |kind: &Self| match kind.base.as_str() {
            "smallint" => Some(1),
            "integer" => Some(2),
            "bigint" => Some(3),
            "numeric" if kind.numbers.is_empty() => Some(4),
            _ => None,
        };
        let is_wider = size(from).is_some_and(|from| size(to).is_some_and(|to| from <= to));
        is_wider || Self::conversion(Some(from), to) == Conversion::Widens || to.base == "text"
    }
}

/// No modifier takes everything.
fn fits(from: &[u64], to: &[u64]) -> bool {
    match (from.first(), to.first()) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(from), Some(to)) => from <= to,
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.base)?;
        if !self.numbers.is_empty() {
            let numbers: Vec<String> = self.numbers.iter().map(u64::to_string).collect();
            write!(f, "({})", numbers.join(", "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Conversion, Kind};

    #[test]
    fn what_a_change_of_type_does() {
        let rows = [
            ("varchar(50)", "character varying(200)", Conversion::Widens),
            ("varchar(50)", "varchar(20)", Conversion::Rewrites),
            ("varchar(50)", "varchar", Conversion::Widens),
            ("varchar(50)", "text", Conversion::Widens),
            ("text", "varchar", Conversion::Widens),
            ("text", "varchar(50)", Conversion::Rewrites),
            ("numeric(8, 2)", "decimal(12, 2)", Conversion::Widens),
            ("numeric(8, 2)", "numeric(12, 4)", Conversion::Rewrites),
            ("numeric(8, 2)", "numeric", Conversion::Widens),
            ("numeric", "numeric(8, 2)", Conversion::Rewrites),
            ("int", "int8", Conversion::Rewrites),
            ("int4", "INTEGER", Conversion::Widens),
            (
                "timestamp(3)",
                "timestamp(6) without time zone",
                Conversion::Widens,
            ),
            ("timestamp", "timestamptz", Conversion::Rewrites),
            ("char(2)", "char(3)", Conversion::Rewrites),
            ("cidr", "inet", Conversion::Widens),
            ("varchar(n)", "varchar(50)", Conversion::Rewrites),
            ("varchar(50)", "varchar(n)", Conversion::Rewrites),
            ("numeric(5, -2)", "numeric(8, -2)", Conversion::Rewrites),
            (
                "geometry(Point, 4326)",
                "geometry(Line, 4326)",
                Conversion::Rewrites,
            ),
        ];
        for (from, to, expected) in rows {
            let found = Kind::conversion(Some(&Kind::parse(from)), &Kind::parse(to));
            assert_eq!(found, expected, "{from} to {to}");
        }
        let unknown = Kind::conversion(None, &Kind::parse("text"));
        assert_eq!(unknown, Conversion::Unknown);
    }
}
